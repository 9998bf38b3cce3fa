variable "given" {
  type = list(string)
}
output "all" {
  value = join(",", var.given)
}
output "nothing" {
  value = null
}
