resource "aws_apigatewayv2_api" "internal" {
  name          = "internal"
  protocol_type = "HTTP"
}

resource "aws_apigatewayv2_stage" "internal" {
  api_id      = aws_apigatewayv2_api.internal.id
  name        = "$default"
  auto_deploy = true

  access_log_settings {
    destination_arn = aws_cloudwatch_log_group.access["internal"].arn
    format          = local.access_log_format
  }
}

resource "aws_apigatewayv2_integration" "internal_orders" {
  api_id                 = aws_apigatewayv2_api.internal.id
  integration_type       = "AWS_PROXY"
  integration_uri        = aws_lambda_function.orders.invoke_arn
  payload_format_version = "2.0"
}

resource "aws_apigatewayv2_integration" "internal_audit" {
  api_id                 = aws_apigatewayv2_api.internal.id
  integration_type       = "AWS_PROXY"
  integration_uri        = aws_lambda_function.audit.invoke_arn
  payload_format_version = "2.0"
}

resource "aws_apigatewayv2_route" "internal_orders" {
  api_id    = aws_apigatewayv2_api.internal.id
  route_key = "ANY /orders/{proxy+}"
  target    = "integrations/${aws_apigatewayv2_integration.internal_orders.id}"
}

# The integration is the other API's.
resource "aws_apigatewayv2_route" "internal_audit" {
  api_id    = aws_apigatewayv2_api.internal.id
  route_key = "POST /audit"
  target    = "integrations/${aws_apigatewayv2_integration.public_audit.id}"
}

# One statement for both APIs, and for everybody else's.
resource "aws_lambda_permission" "audit" {
  statement_id  = "AllowApis"
  action        = "lambda:InvokeFunction"
  function_name = aws_lambda_function.audit.function_name
  principal     = "apigateway.amazonaws.com"
}

locals {
  access_log_format = jsonencode({
    requestId      = "$context.requestId"
    sourceIp       = "$context.identity.sourceIp"
    requestTime    = "$context.requestTime"
    httpMethod     = "$context.httpMethod"
    routeKey       = "$context.routeKey"
    status         = "$context.status"
    responseLength = "$context.responseLength"
  })
}

resource "aws_cloudwatch_log_group" "access" {
  for_each = toset(["public", "internal"])

  name              = "/aws/apigw/${each.key}"
  retention_in_days = 30
}
