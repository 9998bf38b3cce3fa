variable "prefix" {
  description = "Given by the pipeline: one for each branch"
  type        = string
}

provider "aws" {
  region = "eu-central-2"
}

locals {
  names = toset(["cart", "stock"])
}

data "archive_file" "fn" {
  for_each = local.names

  type        = "zip"
  source_dir  = "${path.module}/${each.key}"
  output_path = "${path.module}/.out/${each.key}.zip"
}

resource "aws_iam_role" "fn" {
  for_each = local.names

  name               = "${var.prefix}-${each.key}"
  assume_role_policy = data.aws_iam_policy_document.trust.json
}

data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "Service"
      identifiers = ["lambda.amazonaws.com"]
    }
  }
}

resource "aws_iam_role_policy_attachment" "fn" {
  for_each = aws_iam_role.fn

  role       = each.value.name
  policy_arn = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"
}

resource "aws_lambda_function" "fn" {
  for_each = data.archive_file.fn

  function_name    = "${var.prefix}-${each.key}"
  role             = aws_iam_role.fn[each.key].arn
  runtime          = "nodejs22.x"
  handler          = "index.handler"
  architectures    = ["arm64"]
  memory_size      = 256
  timeout          = 10
  filename         = each.value.output_path
  source_code_hash = each.value.output_base64sha256
}

resource "aws_cloudwatch_log_group" "fn" {
  for_each = aws_lambda_function.fn

  name              = "/aws/lambda/${var.prefix}-${each.key}"
  retention_in_days = 14
}

resource "aws_lambda_alias" "fn" {
  for_each = aws_lambda_function.fn

  name             = "current"
  function_name    = each.value.function_name
  function_version = each.value.version
}

resource "aws_apigatewayv2_api" "shop" {
  name          = "${var.prefix}-shop"
  protocol_type = "HTTP"
}

resource "aws_apigatewayv2_integration" "fn" {
  for_each = aws_lambda_alias.fn

  api_id                 = aws_apigatewayv2_api.shop.id
  integration_type       = "AWS_PROXY"
  integration_uri        = each.value.invoke_arn
  payload_format_version = "2.0"
}

resource "aws_lambda_permission" "fn" {
  for_each = aws_lambda_alias.fn

  action        = "lambda:InvokeFunction"
  function_name = each.value.function_name
  qualifier     = each.value.name
  principal     = "apigateway.amazonaws.com"
  source_arn    = "${aws_apigatewayv2_api.shop.execution_arn}/*/*"
}

resource "aws_apigatewayv2_route" "fn" {
  for_each = { for key, integration in aws_apigatewayv2_integration.fn : "ANY /${key}/{proxy+}" => integration.id }

  api_id    = aws_apigatewayv2_api.shop.id
  route_key = each.key
  target    = "integrations/${each.value}"
}

resource "aws_apigatewayv2_stage" "shop" {
  api_id      = aws_apigatewayv2_api.shop.id
  name        = "$default"
  auto_deploy = true

  access_log_settings {
    destination_arn = aws_cloudwatch_log_group.shop.arn
    format = jsonencode({
      requestId      = "$context.requestId"
      sourceIp       = "$context.identity.sourceIp"
      requestTime    = "$context.requestTime"
      httpMethod     = "$context.httpMethod"
      routeKey       = "$context.routeKey"
      status         = "$context.status"
      responseLength = "$context.responseLength"
    })
  }
}

resource "aws_cloudwatch_log_group" "shop" {
  name              = "/apis/${var.prefix}"
  retention_in_days = 14
}

output "urls" {
  value = [for name in local.names : "${aws_apigatewayv2_api.shop.api_endpoint}/${name}"]
}
