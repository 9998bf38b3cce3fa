resource "aws_apigatewayv2_api" "public" {
  name          = "public"
  protocol_type = "HTTP"
}

resource "aws_apigatewayv2_stage" "public" {
  api_id      = aws_apigatewayv2_api.public.id
  name        = "$default"
  auto_deploy = true

  access_log_settings {
    destination_arn = aws_cloudwatch_log_group.access["public"].arn
    format          = local.access_log_format
  }
}

resource "aws_apigatewayv2_integration" "public_orders" {
  api_id                 = aws_apigatewayv2_api.public.id
  integration_type       = "AWS_PROXY"
  integration_uri        = aws_lambda_function.orders.invoke_arn
  payload_format_version = "2.0"
}

resource "aws_apigatewayv2_integration" "public_audit" {
  api_id                 = aws_apigatewayv2_api.public.id
  integration_type       = "AWS_PROXY"
  integration_uri        = aws_lambda_function.audit.invoke_arn
  payload_format_version = "2.0"
}

resource "aws_apigatewayv2_route" "public_orders" {
  api_id    = aws_apigatewayv2_api.public.id
  route_key = "GET /orders"
  target    = "integrations/${aws_apigatewayv2_integration.public_orders.id}"
}

resource "aws_apigatewayv2_route" "public_audit" {
  api_id    = aws_apigatewayv2_api.public.id
  route_key = "$default"
  target    = "integrations/${aws_apigatewayv2_integration.public_audit.id}"
}

resource "aws_lambda_permission" "orders_public" {
  statement_id  = "AllowPublicApi"
  action        = "lambda:InvokeFunction"
  function_name = aws_lambda_function.orders.function_name
  principal     = "apigateway.amazonaws.com"
  source_arn    = "${aws_apigatewayv2_api.public.execution_arn}/*/*"
}
