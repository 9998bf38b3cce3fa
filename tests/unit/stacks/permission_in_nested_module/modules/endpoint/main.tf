variable "app" {
  type = string
}

variable "name" {
  type = string
}

variable "keys" {
  type = list(string)
}

variable "environment" {
  type    = map(string)
  default = {}
}

variable "api" {
  description = "The module api"
  type = object({
    id            = string
    execution_arn = string
  })
}

locals {
  full_name = "${var.app}-${var.name}"
}

data "archive_file" "this" {
  type        = "zip"
  source_dir  = "${path.root}/src/${var.name}"
  output_path = "${path.root}/.zip/${local.full_name}.zip"
}

resource "aws_lambda_function" "this" {
  function_name    = local.full_name
  role             = module.role.arn
  runtime          = "python3.13"
  handler          = "main.handler"
  architectures    = ["arm64"]
  memory_size      = 256
  timeout          = 10
  filename         = data.archive_file.this.output_path
  source_code_hash = data.archive_file.this.output_base64sha256

  environment {
    variables = var.environment
  }

  logging_config {
    log_format = "JSON"
  }
}

resource "aws_cloudwatch_log_group" "this" {
  name              = "/aws/lambda/${local.full_name}"
  retention_in_days = 30
}

module "role" {
  source = "../role"

  name      = local.full_name
  log_group = aws_cloudwatch_log_group.this.arn
}

module "route" {
  source   = "../route"
  for_each = toset(var.keys)

  api_id      = var.api.id
  key         = each.value
  integration = aws_apigatewayv2_integration.this.id
}

resource "aws_apigatewayv2_integration" "this" {
  api_id                 = var.api.id
  integration_type       = "AWS_PROXY"
  integration_uri        = aws_lambda_function.this.invoke_arn
  payload_format_version = "2.0"
  timeout_milliseconds   = aws_lambda_function.this.timeout * 1000
}

module "permission" {
  source = "../permission"

  function_name = aws_lambda_function.this.function_name
  execution_arn = var.api.execution_arn
}
