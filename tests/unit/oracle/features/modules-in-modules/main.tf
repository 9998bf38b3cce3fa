module "api" {
  source    = "./modules/api"
  for_each  = { a = { n = 1 }, "b c" = { n = 2 } }
  name      = each.key
  config    = each.value
  providers = {}
}
module "none" {
  source = "./modules/api"
  count  = 0
  name   = "none"
}
module "two" {
  source     = "./modules/api"
  count      = 2
  name       = "two${count.index}"
  depends_on = [module.api]
}
module "single" {
  source = "./modules/single"
  given  = module.two[*].id
}
output "o" {
  value = [
    { for k, m in module.api : k => m.id },
    module.two[1].inner.path,
    module.none[*].id,
    module.single.all,
    length(module.two),
    keys(module.api),
    values(module.api)[*].id,
    module.two.*.id,
    one(module.none[*].id),
    try(module.none[0].id, "none"),
    module.single.nothing,
    module.api["a"].inner["path"],
  ]
}
