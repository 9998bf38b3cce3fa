provider "aws" {
  region = var.region
}

variable "region" {
  type    = string
  default = "eu-west-1"
}

variable "env" {
  type    = string
  default = "dev"
}

data "aws_caller_identity" "current" {}

locals {
  account = data.aws_caller_identity.current.account_id

  # Names come first, and ARNs from names: nothing here refers to a resource, so that nothing goes round in a circle.
  send_name    = "${var.env}-mail-send"
  bounce_name  = "${var.env}-mail-bounce"
  role_name    = "${var.env}-mail"
  access_logs  = "/mail/${var.env}/access"
  lambda_path  = "arn:aws:apigateway:${var.region}:lambda:path/2015-03-31/functions"
  function_arn = "arn:aws:lambda:${var.region}:${local.account}:function"
  send_arn     = "${local.function_arn}:${local.send_name}"
  bounce_arn   = "${local.function_arn}:${local.bounce_name}"
  bounce_live  = format("%s:%s", local.bounce_arn, "live")
}

data "archive_file" "mail" {
  type        = "zip"
  source_dir  = "${path.module}/mail"
  output_path = "${path.module}/mail.zip"
}

resource "aws_lambda_function" "send" {
  function_name    = local.send_name
  role             = "arn:aws:iam::${local.account}:role/${local.role_name}"
  runtime          = "nodejs22.x"
  handler          = "send.handler"
  architectures    = ["arm64"]
  memory_size      = 256
  timeout          = 15
  filename         = "mail.zip"
  source_code_hash = data.archive_file.mail.output_base64sha256
}

resource "aws_lambda_function" "bounce" {
  function_name    = local.bounce_name
  role             = "arn:aws:iam::${local.account}:role/service/${aws_iam_role.service.name}"
  runtime          = "nodejs22.x"
  handler          = "bounce.handler"
  architectures    = ["arm64"]
  memory_size      = 256
  timeout          = 15
  publish          = true
  filename         = "mail.zip"
  source_code_hash = data.archive_file.mail.output_base64sha256
}

resource "aws_lambda_alias" "bounce" {
  name             = "live"
  function_name    = local.bounce_name
  function_version = aws_lambda_function.bounce.version
}

resource "aws_iam_role" "mail" {
  name               = local.role_name
  assume_role_policy = local.trust
}

resource "aws_iam_role" "service" {
  name               = "${var.env}-mail-bounce"
  path               = "/service/"
  assume_role_policy = local.trust
}

locals {
  trust = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "lambda.amazonaws.com" } }]
  })
}

resource "aws_iam_role_policy" "mail" {
  for_each = toset([local.role_name, "${var.env}-mail-bounce"])

  role = each.value
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect   = "Allow"
        Action   = ["logs:CreateLogStream", "logs:PutLogEvents"]
        Resource = "arn:aws:logs:${var.region}:${local.account}:log-group:/aws/lambda/${var.env}-mail-*:*"
      },
      {
        Effect   = "Allow"
        Action   = "ses:SendEmail"
        Resource = "arn:aws:ses:${var.region}:${local.account}:identity/*"
      },
    ]
  })

  depends_on = [aws_iam_role.mail, aws_iam_role.service]
}

resource "aws_cloudwatch_log_group" "this" {
  for_each = toset(["/aws/lambda/${local.send_name}", "/aws/lambda/${local.bounce_name}", local.access_logs])

  name              = each.key
  retention_in_days = 30
}

resource "aws_apigatewayv2_api" "mail" {
  name          = "${var.env}-mail"
  protocol_type = "HTTP"
}

resource "aws_apigatewayv2_integration" "send" {
  api_id                 = aws_apigatewayv2_api.mail.id
  integration_type       = "AWS_PROXY"
  integration_uri        = "${local.lambda_path}/${local.send_arn}/invocations"
  payload_format_version = "2.0"
}

resource "aws_apigatewayv2_integration" "bounce" {
  api_id                 = aws_apigatewayv2_api.mail.id
  integration_type       = "AWS_PROXY"
  integration_uri        = "${local.lambda_path}/${local.bounce_live}/invocations"
  payload_format_version = "2.0"
}

resource "aws_apigatewayv2_route" "send" {
  api_id    = aws_apigatewayv2_api.mail.id
  route_key = "POST /mails"
  target    = "integrations/${aws_apigatewayv2_integration.send.id}"
}

resource "aws_apigatewayv2_route" "bounce" {
  api_id    = aws_apigatewayv2_api.mail.id
  route_key = "POST /bounces"
  target    = "integrations/${aws_apigatewayv2_integration.bounce.id}"
}

resource "aws_apigatewayv2_stage" "mail" {
  api_id      = aws_apigatewayv2_api.mail.id
  name        = "$default"
  auto_deploy = true

  access_log_settings {
    destination_arn = "arn:aws:logs:${var.region}:${local.account}:log-group:${local.access_logs}"
    format          = jsonencode(zipmap(local.log_names, local.log_variables))
  }

  depends_on = [aws_cloudwatch_log_group.this]
}

locals {
  log_names     = ["id", "ip", "time", "method", "route", "status", "length"]
  log_variables = formatlist("$context.%s", ["requestId", "identity.sourceIp", "requestTime", "httpMethod", "routeKey", "status", "responseLength"])
}

resource "aws_lambda_permission" "send" {
  action        = "lambda:InvokeFunction"
  function_name = local.send_arn
  principal     = "apigateway.amazonaws.com"
  source_arn    = "arn:aws:execute-api:${var.region}:${local.account}:${aws_apigatewayv2_api.mail.id}/*/*"

  depends_on = [aws_lambda_function.send]
}

resource "aws_lambda_permission" "bounce" {
  action        = "lambda:InvokeFunction"
  function_name = local.bounce_name
  qualifier     = "live"
  principal     = "apigateway.amazonaws.com"
  source_arn    = "arn:aws:execute-api:${var.region}:${local.account}:${aws_apigatewayv2_api.mail.id}/*/*"

  depends_on = [aws_lambda_alias.bounce]
}

output "url" {
  value = "https://${aws_apigatewayv2_api.mail.id}.execute-api.${var.region}.amazonaws.com/mails"
}
