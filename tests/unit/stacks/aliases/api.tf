resource "aws_apigatewayv2_api" "shop" {
  name          = "shop"
  protocol_type = "HTTP"
}

resource "aws_apigatewayv2_integration" "shop" {
  for_each = {
    orders   = aws_lambda_alias.orders.invoke_arn
    payments = aws_lambda_alias.payments.invoke_arn
    reports  = aws_lambda_function.fn[2].qualified_invoke_arn
    search   = aws_lambda_alias.search.invoke_arn
  }

  api_id                 = aws_apigatewayv2_api.shop.id
  integration_type       = "AWS_PROXY"
  integration_uri        = each.value
  payload_format_version = "2.0"
}

resource "aws_apigatewayv2_route" "shop" {
  for_each = aws_apigatewayv2_integration.shop

  api_id    = aws_apigatewayv2_api.shop.id
  route_key = "ANY /${each.key}"
  target    = "integrations/${each.value.id}"
}

resource "aws_apigatewayv2_stage" "shop" {
  api_id      = aws_apigatewayv2_api.shop.id
  name        = "$default"
  auto_deploy = true

  access_log_settings {
    destination_arn = aws_cloudwatch_log_group.shop.arn
    format = jsonencode({
      for name in [
        "requestId", "identity.sourceIp", "requestTime", "httpMethod", "routeKey", "status", "responseLength",
      ] : replace(name, ".", "_") => "$context.${name}"
    })
  }
}

resource "aws_cloudwatch_log_group" "shop" {
  name              = "/aws/apigateway/shop"
  retention_in_days = 30
}
