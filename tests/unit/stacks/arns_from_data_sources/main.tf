provider "aws" {
  region = "eu-west-2"
}

variable "account_id" {
  type    = string
  default = "123456789012"
}

variable "shared_api_id" {
  description = "The API of the platform team"
  type        = string
}

variable "role_arn" {
  type    = string
  default = "arn:aws:iam::123456789012:role/service-role/quotes"
}

# A function of another team behind an API of ours.
data "aws_lambda_function" "pricing" {
  function_name = "pricing"
}

resource "aws_apigatewayv2_api" "quotes" {
  name          = "quotes"
  protocol_type = "HTTP"
}

resource "aws_apigatewayv2_integration" "pricing" {
  api_id                 = aws_apigatewayv2_api.quotes.id
  integration_type       = "AWS_PROXY"
  integration_uri        = data.aws_lambda_function.pricing.invoke_arn
  payload_format_version = "2.0"
}

resource "aws_apigatewayv2_route" "pricing" {
  api_id    = aws_apigatewayv2_api.quotes.id
  route_key = "GET /price"
  target    = "integrations/${aws_apigatewayv2_integration.pricing.id}"
}

resource "aws_lambda_permission" "pricing" {
  statement_id  = "quotes"
  action        = "lambda:InvokeFunction"
  function_name = data.aws_lambda_function.pricing.function_name
  principal     = "apigateway.amazonaws.com"
  source_arn    = "${aws_apigatewayv2_api.quotes.execution_arn}/*/*"
}

resource "aws_apigatewayv2_stage" "quotes" {
  api_id      = aws_apigatewayv2_api.quotes.id
  name        = "$default"
  auto_deploy = true

  access_log_settings {
    destination_arn = data.aws_cloudwatch_log_group.shared.arn
    format          = "{\"id\":\"$context.requestId\",\"ip\":\"$context.identity.sourceIp\",\"time\":\"$context.requestTime\",\"method\":\"$context.httpMethod\",\"route\":\"$context.routeKey\",\"status\":\"$context.status\",\"length\":\"$context.responseLength\"}"
  }
}

data "aws_cloudwatch_log_group" "shared" {
  name = "/platform/access-logs"
}

# A function of ours behind the API of another team.
data "archive_file" "quotes" {
  type        = "zip"
  source_file = "quotes.py"
  output_path = "quotes.zip"
}

resource "aws_lambda_function" "quotes" {
  function_name    = "quotes"
  role             = var.role_arn
  runtime          = "python3.13"
  handler          = "quotes.handler"
  architectures    = ["arm64"]
  memory_size      = 256
  timeout          = 10
  filename         = data.archive_file.quotes.output_path
  source_code_hash = data.archive_file.quotes.output_base64sha256
}

resource "aws_cloudwatch_log_group" "quotes" {
  name              = "/aws/lambda/quotes"
  retention_in_days = 90
}

data "aws_apigatewayv2_api" "shared" {
  api_id = var.shared_api_id
}

resource "aws_apigatewayv2_integration" "quotes" {
  api_id                 = data.aws_apigatewayv2_api.shared.api_id
  integration_type       = "AWS_PROXY"
  integration_uri        = aws_lambda_function.quotes.invoke_arn
  payload_format_version = "2.0"
}

resource "aws_apigatewayv2_route" "quotes" {
  api_id    = data.aws_apigatewayv2_api.shared.api_id
  route_key = "POST /quotes"
  target    = "integrations/${aws_apigatewayv2_integration.quotes.id}"
}

resource "aws_lambda_permission" "quotes" {
  statement_id  = "shared-api"
  action        = "lambda:InvokeFunction"
  function_name = aws_lambda_function.quotes.function_name
  principal     = "apigateway.amazonaws.com"
  source_arn    = "${data.aws_apigatewayv2_api.shared.execution_arn}/*/*"
}

# The same function by its literal ARN: the stack declares it.
resource "aws_apigatewayv2_integration" "quotes_by_arn" {
  api_id                 = aws_apigatewayv2_api.quotes.id
  integration_type       = "AWS_PROXY"
  integration_uri        = "arn:aws:lambda:eu-west-2:${var.account_id}:function:quotes"
  payload_format_version = "2.0"
}

resource "aws_apigatewayv2_route" "quotes_by_arn" {
  api_id    = aws_apigatewayv2_api.quotes.id
  route_key = "POST /quotes"
  target    = "integrations/${aws_apigatewayv2_integration.quotes_by_arn.id}"
}

resource "aws_lambda_permission" "quotes_by_arn" {
  statement_id  = "quotes"
  action        = "lambda:InvokeFunction"
  function_name = "quotes"
  principal     = "apigateway.amazonaws.com"
  source_arn    = "${aws_apigatewayv2_api.quotes.execution_arn}/*/*"
}
