variable "name" {
  type = string
}

variable "log_group" {
  type = string
}

resource "aws_iam_role" "this" {
  name               = var.name
  assume_role_policy = templatefile("${path.module}/trust.json.tftpl", { service = "lambda.amazonaws.com" })
}

resource "aws_iam_role_policy" "this" {
  name   = "logs"
  role   = aws_iam_role.this.id
  policy = templatefile("${path.module}/logs.json.tftpl", { log_group = var.log_group })
}

output "arn" {
  value = aws_iam_role.this.arn
}
