variable "name" {
  type = string
}

resource "aws_cloudwatch_log_group" "access" {
  name              = var.name
  retention_in_days = 14
}

output "arn" {
  value = aws_cloudwatch_log_group.access.arn
}
