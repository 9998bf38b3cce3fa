module "a" {
  source = "./a"
  in     = module.b.second
}
module "b" {
  source = "./b"
  in     = module.a.first
}
output "o" {
  value = [module.a.out, module.b.out]
}
