# What is left of the old API.
resource "aws_api_gateway_rest_api" "old" {
  name = "chat-v0"
}

resource "aws_api_gateway_resource" "proxy" {
  rest_api_id = aws_api_gateway_rest_api.old.id
  parent_id   = aws_api_gateway_rest_api.old.root_resource_id
  path_part   = "{proxy+}"
}

resource "aws_api_gateway_method" "proxy" {
  rest_api_id   = aws_api_gateway_rest_api.old.id
  resource_id   = aws_api_gateway_resource.proxy.id
  http_method   = "ANY"
  authorization = "NONE"
}

resource "aws_api_gateway_integration" "proxy" {
  rest_api_id             = aws_api_gateway_rest_api.old.id
  resource_id             = aws_api_gateway_resource.proxy.id
  http_method             = aws_api_gateway_method.proxy.http_method
  integration_http_method = "POST"
  type                    = "AWS_PROXY"
  uri                     = module.handler["rest"].invoke_arn
}

resource "aws_api_gateway_method" "preflight" {
  rest_api_id   = aws_api_gateway_rest_api.old.id
  resource_id   = aws_api_gateway_resource.proxy.id
  http_method   = "OPTIONS"
  authorization = "NONE"
}

resource "aws_api_gateway_integration" "preflight" {
  rest_api_id       = aws_api_gateway_rest_api.old.id
  resource_id       = aws_api_gateway_resource.proxy.id
  http_method       = aws_api_gateway_method.preflight.http_method
  type              = "MOCK"
  request_templates = { "application/json" = jsonencode({ statusCode = 204 }) }
}

resource "aws_api_gateway_deployment" "old" {
  rest_api_id = aws_api_gateway_rest_api.old.id

  triggers = {
    redeployment = sha1(jsonencode([aws_api_gateway_integration.proxy.id, aws_api_gateway_integration.preflight.id]))
  }

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_api_gateway_stage" "old" {
  rest_api_id   = aws_api_gateway_rest_api.old.id
  deployment_id = aws_api_gateway_deployment.old.id
  stage_name    = "prod"
}

resource "aws_lambda_permission" "rest" {
  action        = "lambda:InvokeFunction"
  function_name = module.handler["rest"].name
  principal     = "apigateway.amazonaws.com"
  source_arn    = "${aws_api_gateway_rest_api.old.execution_arn}/*/*/*"
}
