resource "aws_apigatewayv2_api" "socket" {
  name                       = "chat-socket"
  protocol_type              = "WEBSOCKET"
  route_selection_expression = "$request.body.action"
}

resource "aws_apigatewayv2_integration" "socket" {
  api_id           = aws_apigatewayv2_api.socket.id
  integration_type = "AWS_PROXY"
  integration_uri  = module.handler["socket"].invoke_arn
}

resource "aws_apigatewayv2_route" "socket" {
  for_each = toset(["$connect", "$disconnect", "$default"])

  api_id    = aws_apigatewayv2_api.socket.id
  route_key = each.key
  target    = "integrations/${aws_apigatewayv2_integration.socket.id}"
}

resource "aws_apigatewayv2_stage" "socket" {
  api_id      = aws_apigatewayv2_api.socket.id
  name        = "live"
  auto_deploy = true

  default_route_settings {
    logging_level          = "INFO"
    throttling_burst_limit = 50
    throttling_rate_limit  = 20
  }

  access_log_settings {
    destination_arn = aws_cloudwatch_log_group.access["socket"].arn
    format          = "$context.requestId $context.eventType $context.connectionId"
  }
}

resource "aws_lambda_permission" "socket" {
  action        = "lambda:InvokeFunction"
  function_name = module.handler["socket"].name
  principal     = "apigateway.amazonaws.com"
  source_arn    = "${aws_apigatewayv2_api.socket.execution_arn}/*/*"
}

output "socket_url" {
  value = aws_apigatewayv2_stage.socket.invoke_url
}
