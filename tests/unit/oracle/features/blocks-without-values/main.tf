moved {
  from = terraform_data.old
  to   = terraform_data.a
}
removed {
  from = terraform_data.gone
  lifecycle { destroy = false }
}
check "x" {
  assert {
    condition     = terraform_data.a.input == 1
    error_message = "no"
  }
}
terraform {
  required_version = ">= 1.0"
}
resource "terraform_data" "a" { input = 1 }
output "o" {
  value = terraform_data.a.input
}
