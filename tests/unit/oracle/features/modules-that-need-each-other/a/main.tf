variable "in" {}
output "first" {
  value = "f"
}
output "out" {
  value = "a${var.in}"
}
