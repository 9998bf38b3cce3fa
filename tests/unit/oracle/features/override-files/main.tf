variable "a" {
  type    = string
  default = "x"
}
variable "b" {
  type = number
}
locals {
  l = 1
  k = 2
}
resource "terraform_data" "r" {
  count            = 1
  input            = "base"
  triggers_replace = 1
  lifecycle {
    ignore_changes = [input]
  }
}
module "m" {
  source = "./m"
  v      = 1
  w      = 2
}
output "o" {
  value       = [var.a, var.b, local.l, local.k, module.m.o]
  description = "d"
}
output "p" {
  value = 1
}
