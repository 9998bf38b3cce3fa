variable "in" {}
output "second" {
  value = "s"
}
output "out" {
  value = "b${var.in}"
}
