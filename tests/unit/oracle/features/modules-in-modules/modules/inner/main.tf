variable "text" {}
variable "unused" {
  default = null
}
locals {
  x = upper(var.text)
}
output "out" {
  value = local.x
}
output "path" {
  value = path.module
}
resource "terraform_data" "i" { input = local.x }
