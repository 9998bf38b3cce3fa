variable "a" {}
variable "b" {}
variable "c" {}
variable "d" {}
variable "e" {}
variable "n" {
  type = number
}
variable "big" {}
variable "obj" {
  type = object({ x = optional(string, "d"), y = number })
}
variable "tpl" {}
variable "h" {}
variable "nul" {
  default = 5
}
variable "nn" {
  default  = 5
  nullable = false
}
output "o" {
  value = [
    var.a,
    var.b,
    var.c,
    var.d,
    var.e,
    var.n,
    var.big,
    var.obj,
    var.tpl,
    var.h,
    var.nul,
    var.nn,
  ]
}
