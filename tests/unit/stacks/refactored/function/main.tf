terraform {
  required_providers {
    aws = {
      source = "hashicorp/aws"
    }
  }
}

variable "name" {
  type     = string
  nullable = false

  validation {
    condition     = length(var.name) <= 64
    error_message = "Lambda takes names of up to 64 characters."
  }
}

variable "source_dir" {
  type = string
}

variable "log_retention" {
  type    = number
  default = 14
}

variable "limits" {
  type = object({
    memory  = optional(number, 256)
    seconds = optional(number, 10)
  })
  default  = {}
  nullable = false
}

data "archive_file" "this" {
  type        = "zip"
  source_dir  = var.source_dir
  output_path = "${path.root}/.terraform/tmp/${var.name}.zip"
}

resource "aws_lambda_function" "this" {
  function_name    = var.name
  role             = aws_iam_role.this.arn
  runtime          = "nodejs22.x"
  handler          = "vote.handler"
  architectures    = ["arm64"]
  memory_size      = var.limits.memory
  timeout          = var.limits.seconds
  filename         = data.archive_file.this.output_path
  source_code_hash = data.archive_file.this.output_base64sha256

  lifecycle {
    ignore_changes = [tags["deployed-by"], environment]
  }

  depends_on = [aws_cloudwatch_log_group.this]
}

resource "aws_lambda_function_url" "this" {
  function_name      = aws_lambda_function.this.function_name
  authorization_type = "AWS_IAM"
}

resource "aws_cloudwatch_log_group" "this" {
  name              = "/aws/lambda/${var.name}"
  retention_in_days = var.log_retention
}

resource "aws_iam_role" "this" {
  name               = var.name
  assume_role_policy = data.aws_iam_policy_document.trust.json
}

data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["lambda.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [data.aws_caller_identity.this.account_id]
    }
  }
}

data "aws_caller_identity" "this" {}

resource "aws_iam_role_policy_attachment" "this" {
  role       = aws_iam_role.this.name
  policy_arn = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"
}

output "name" {
  value      = aws_lambda_function.this.function_name
  depends_on = [aws_iam_role_policy_attachment.this]
}

output "invoke_arn" {
  value = aws_lambda_function.this.invoke_arn
}
