provider "aws" {
  region = "eu-north-1"
}

locals {
  count    = var.create ? 1 : 0
  role_arn = try(aws_iam_role.this[0].arn, "")
}

data "archive_file" "this" {
  count       = local.count
  type        = "zip"
  source_file = "${path.module}/notes.js"
  output_path = "${path.module}/notes.zip"
}

resource "aws_iam_role" "this" {
  count = local.count
  name  = var.name

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = {
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "lambda.amazonaws.com" }
    }
  })
}

resource "aws_lambda_function" "this" {
  count            = var.create ? 1 : 0
  function_name    = var.name
  role             = local.role_arn
  runtime          = "nodejs22.x"
  handler          = "notes.handler"
  architectures    = ["arm64"]
  memory_size      = 192
  timeout          = 8
  filename         = join("", data.archive_file.this.*.output_path)
  source_code_hash = join("", data.archive_file.this.*.output_base64sha256)
}

resource "aws_cloudwatch_log_group" "function" {
  count             = var.create && var.create_log_groups ? 1 : 0
  name              = "/aws/lambda/${var.name}"
  retention_in_days = 14
}

resource "aws_cloudwatch_log_group" "api" {
  count             = var.create ? 1 : 0
  name              = "/aws/apigateway/${var.name}"
  retention_in_days = 14
}

resource "aws_apigatewayv2_api" "this" {
  count         = local.count
  name          = var.name
  protocol_type = "HTTP"
}

resource "aws_apigatewayv2_integration" "this" {
  count                  = local.count
  api_id                 = aws_apigatewayv2_api.this[0].id
  integration_type       = "AWS_PROXY"
  integration_uri        = one(aws_lambda_function.this[*].invoke_arn)
  payload_format_version = "2.0"
}

resource "aws_apigatewayv2_route" "this" {
  count     = var.create ? length(local.routes) : 0
  api_id    = aws_apigatewayv2_api.this[0].id
  route_key = element(local.routes, count.index)
  target    = "integrations/${join("", aws_apigatewayv2_integration.this.*.id)}"
}

locals {
  routes = ["GET /notes", "PUT /notes/{id}"]
}

resource "aws_apigatewayv2_stage" "this" {
  count       = local.count
  api_id      = element(concat(aws_apigatewayv2_api.this.*.id, [""]), 0)
  name        = "$default"
  auto_deploy = true

  access_log_settings {
    destination_arn = one(aws_cloudwatch_log_group.api[*].arn)
    format          = file("${path.module}/access-log.json")
  }
}

resource "aws_lambda_permission" "this" {
  count         = local.count
  action        = "lambda:InvokeFunction"
  function_name = aws_lambda_function.this[count.index].function_name
  principal     = "apigateway.amazonaws.com"
  source_arn    = "${aws_apigatewayv2_api.this[count.index].execution_arn}/*/*"
}

output "url" {
  value = var.create ? aws_apigatewayv2_api.this[0].api_endpoint : null
}
