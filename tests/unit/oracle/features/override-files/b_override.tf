variable "a" {
  default = "second"
}
variable "b" {
  default = "7"
}
locals {
  l = 20
}
resource "terraform_data" "r" {
  input = "over"
  lifecycle { create_before_destroy = true }
}
module "m" {
  v = 10
}
