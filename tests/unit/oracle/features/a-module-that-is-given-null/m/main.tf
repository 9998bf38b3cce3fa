variable "a" {
  default = "da"
}
variable "b" {
  default  = "db"
  nullable = false
}
variable "c" {
  type    = list(string)
  default = ["x"]
}
output "o" {
  value = [var.a, var.b, var.c]
}
