variable "name" {
  type = string
}
variable "config" {
  type    = object({ n = number, m = optional(number, 5) })
  default = { n = 0 }
}
module "inner" {
  source = "../inner"
  text   = "${var.name}/${var.config.n}/${var.config.m}"
}
resource "terraform_data" "r" {
  for_each = toset([var.name])
  input    = [module.inner.out, each.key, path.module, path.root, basename(path.module)]
}
output "id" {
  value = module.inner.out
}
output "inner" {
  value = module.inner
}
