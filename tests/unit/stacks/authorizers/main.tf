provider "aws" {
  region = "eu-west-1"
}

data "aws_region" "current" {}

resource "aws_cognito_user_pool" "users" {
  name = "members"
}

resource "aws_cognito_user_pool_client" "web" {
  name         = "web"
  user_pool_id = aws_cognito_user_pool.users.id
}

resource "aws_apigatewayv2_api" "members" {
  name          = "members"
  protocol_type = "HTTP"

  cors_configuration {
    allow_credentials = true
    allow_origins     = ["https://members.example.com", "https://admin.example.com"]
    allow_methods     = ["GET", "POST", "OPTIONS"]
    allow_headers     = ["authorization"]
    max_age           = 7200
  }
}

resource "aws_apigatewayv2_authorizer" "jwt" {
  api_id           = aws_apigatewayv2_api.members.id
  name             = "cognito"
  authorizer_type  = "JWT"
  identity_sources = ["$request.header.Authorization"]

  jwt_configuration {
    audience = [aws_cognito_user_pool_client.web.id]
    issuer   = "https://cognito-idp.${data.aws_region.current.name}.amazonaws.com/${aws_cognito_user_pool.users.id}"
  }
}

resource "aws_apigatewayv2_authorizer" "key" {
  api_id                            = aws_apigatewayv2_api.members.id
  name                              = "key"
  authorizer_type                   = "REQUEST"
  authorizer_uri                    = aws_lambda_function.this["authorize"].invoke_arn
  authorizer_payload_format_version = "2.0"
  enable_simple_responses           = true
  identity_sources                  = ["$request.header.X-Api-Key"]
}

# Nobody lets it in: every call of a route that has it ends in a 500.
resource "aws_apigatewayv2_authorizer" "partner" {
  api_id                            = aws_apigatewayv2_api.members.id
  name                              = "partner"
  authorizer_type                   = "REQUEST"
  authorizer_uri                    = aws_lambda_function.this["partner"].invoke_arn
  authorizer_payload_format_version = "2.0"
  enable_simple_responses           = true
}

# With a role of its own it needs no permission.
resource "aws_apigatewayv2_authorizer" "audit" {
  api_id                            = aws_apigatewayv2_api.members.id
  name                              = "audit"
  authorizer_type                   = "REQUEST"
  authorizer_uri                    = aws_lambda_function.this["audit"].invoke_arn
  authorizer_credentials_arn        = aws_iam_role.gateway.arn
  authorizer_payload_format_version = "2.0"
  enable_simple_responses           = true
}

resource "aws_iam_role" "gateway" {
  name = "members-gateway"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "apigateway.amazonaws.com" } }]
  })

  inline_policy {
    name = "invoke"
    policy = jsonencode({
      Version   = "2012-10-17"
      Statement = [{ Effect = "Allow", Action = "lambda:InvokeFunction", Resource = aws_lambda_function.this["audit"].arn }]
    })
  }
}

resource "aws_lambda_permission" "authorize" {
  statement_id  = "AllowAuthorizer"
  action        = "lambda:InvokeFunction"
  function_name = aws_lambda_function.this["authorize"].function_name
  principal     = "apigateway.amazonaws.com"
  source_arn    = "${aws_apigatewayv2_api.members.execution_arn}/authorizers/${aws_apigatewayv2_authorizer.key.id}"
}

resource "aws_lambda_permission" "members" {
  statement_id  = "AllowApi"
  action        = "lambda:InvokeFunction"
  function_name = aws_lambda_function.this["members"].function_name
  principal     = "apigateway.amazonaws.com"
  source_arn    = "${aws_apigatewayv2_api.members.execution_arn}/*/*"
}

resource "aws_apigatewayv2_integration" "members" {
  api_id                 = aws_apigatewayv2_api.members.id
  integration_type       = "AWS_PROXY"
  integration_uri        = aws_lambda_function.this["members"].invoke_arn
  payload_format_version = "2.0"
}

resource "aws_apigatewayv2_route" "members" {
  for_each = {
    "GET /me"      = aws_apigatewayv2_authorizer.jwt
    "GET /keys"    = aws_apigatewayv2_authorizer.key
    "GET /partner" = aws_apigatewayv2_authorizer.partner
    "GET /audit"   = aws_apigatewayv2_authorizer.audit
  }

  api_id             = aws_apigatewayv2_api.members.id
  route_key          = each.key
  authorization_type = each.value.authorizer_type == "JWT" ? "JWT" : "CUSTOM"
  authorizer_id      = each.value.id
  target             = "integrations/${aws_apigatewayv2_integration.members.id}"
}

resource "aws_apigatewayv2_stage" "members" {
  api_id      = aws_apigatewayv2_api.members.id
  name        = "$default"
  auto_deploy = true

  access_log_settings {
    destination_arn = aws_cloudwatch_log_group.access.arn
    format = jsonencode({
      requestId   = "$context.requestId"
      sourceIp    = "$context.identity.sourceIp"
      requestTime = "$context.requestTime"
      httpMethod  = "$context.httpMethod"
      routeKey    = "$context.routeKey"
      status      = "$context.status"
      length      = "$context.responseLength"
      user        = "$context.authorizer.claims.sub"
      key         = "$context.authorizer.keyId"
      denied      = "$context.authorizer.error"
    })
  }
}

resource "aws_cloudwatch_log_group" "access" {
  name              = "/members/access"
  retention_in_days = 30
}
