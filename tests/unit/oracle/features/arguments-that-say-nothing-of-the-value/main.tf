variable "s" {
  sensitive = true
  default   = "x"
}
variable "v" {
  default = 5
  validation {
    condition     = var.v > 1
    error_message = "x"
  }
}
output "o" {
  value     = [var.s, var.v]
  sensitive = true
}
output "p" {
  value       = var.v
  description = "x"
  depends_on  = [terraform_data.a]
  precondition {
    condition     = var.v > 1
    error_message = "x"
  }
}
resource "terraform_data" "a" {
  input      = var.v
  depends_on = []
  lifecycle {
    precondition {
      condition     = var.v > 1
      error_message = "x"
    }
    postcondition {
      condition     = self.input == var.v
      error_message = "x"
    }
    create_before_destroy = true
    ignore_changes        = [input]
  }
  provisioner "local-exec" {
    command = "echo ${self.input}"
    when    = create
  }
}
