output "o" {
  value = [var.w, var.v]
}
