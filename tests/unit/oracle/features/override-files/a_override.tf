variable "a" {
  default = "first"
}
locals {
  l = 10
}
output "p" {
  value = 2
}
terraform {
  required_version = ">= 0.13"
}
