resource "aws_apigatewayv2_api" "site" {
  name          = "site"
  protocol_type = "HTTP"
}

resource "aws_apigatewayv2_integration" "site" {
  api_id                 = aws_apigatewayv2_api.site.id
  integration_type       = "AWS_PROXY"
  integration_uri        = aws_lambda_function.api.invoke_arn
  payload_format_version = "2.0"
  timeout_milliseconds   = 13000
}

resource "aws_apigatewayv2_route" "site" {
  api_id    = aws_apigatewayv2_api.site.id
  route_key = "ANY /api/{proxy+}"
  target    = "integrations/${aws_apigatewayv2_integration.site.id}"
}

resource "aws_apigatewayv2_stage" "site" {
  api_id      = aws_apigatewayv2_api.site.id
  name        = "$default"
  auto_deploy = true

  access_log_settings {
    destination_arn = "${aws_cloudwatch_log_group.access.arn}:*"
    format          = "{ \"requestId\":\"$context.requestId\", \"ip\": \"$context.identity.sourceIp\", \"requestTime\":\"$context.requestTime\", \"httpMethod\":\"$context.httpMethod\",\"routeKey\":\"$context.routeKey\", \"status\":\"$context.status\",\"protocol\":\"$context.protocol\", \"responseLength\":\"$context.responseLength\" }"
  }
}

resource "aws_cloudwatch_log_group" "access" {
  name              = "site-api-access"
  retention_in_days = 30
}

resource "aws_lambda_permission" "site" {
  statement_id  = "AllowHttpApi"
  action        = "lambda:InvokeFunction"
  function_name = aws_lambda_function.api.arn
  principal     = "apigateway.amazonaws.com"
  source_arn    = join("/", [aws_apigatewayv2_api.site.execution_arn, "*", "*"])
}
