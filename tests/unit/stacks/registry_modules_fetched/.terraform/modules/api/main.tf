locals {
  is_http = var.protocol_type == "HTTP"

  # Integrations are made once, however many routes lead to them.
  integrations = { for key, route in var.routes : key => route.integration if var.create }

  default_log_format = jsonencode({
    context = {
      requestId      = "$context.requestId"
      sourceIp       = "$context.identity.sourceIp"
      requestTime    = "$context.requestTime"
      httpMethod     = "$context.httpMethod"
      routeKey       = "$context.routeKey"
      status         = "$context.status"
      responseLength = "$context.responseLength"
      error = {
        message      = "$context.error.message"
        responseType = "$context.error.responseType"
      }
    }
  })
}

resource "aws_apigatewayv2_api" "this" {
  count = var.create ? 1 : 0

  name          = var.name
  protocol_type = var.protocol_type

  dynamic "cors_configuration" {
    for_each = local.is_http && var.cors_configuration != null ? [var.cors_configuration] : []

    content {
      allow_credentials = cors_configuration.value.allow_credentials
      allow_headers     = cors_configuration.value.allow_headers
      allow_methods     = cors_configuration.value.allow_methods
      allow_origins     = cors_configuration.value.allow_origins
      max_age           = cors_configuration.value.max_age
    }
  }
}

resource "aws_apigatewayv2_route" "this" {
  for_each = { for key, route in var.routes : key => route if var.create }

  api_id             = aws_apigatewayv2_api.this[0].id
  route_key          = each.key
  authorization_type = local.is_http ? each.value.authorization_type : null
  target             = "integrations/${aws_apigatewayv2_integration.this[each.key].id}"
}

resource "aws_apigatewayv2_integration" "this" {
  for_each = local.integrations

  api_id                 = aws_apigatewayv2_api.this[0].id
  integration_type       = each.value.type
  integration_subtype    = each.value.subtype
  integration_uri        = each.value.uri
  integration_method     = each.value.method
  credentials_arn        = each.value.credentials_arn
  payload_format_version = each.value.payload_format_version
  timeout_milliseconds   = each.value.timeout_milliseconds
}

resource "aws_apigatewayv2_stage" "this" {
  count = var.create ? 1 : 0

  api_id      = aws_apigatewayv2_api.this[0].id
  name        = var.stage_name
  auto_deploy = true

  dynamic "access_log_settings" {
    for_each = var.stage_access_log_settings != null ? [var.stage_access_log_settings] : []

    content {
      destination_arn = access_log_settings.value.destination_arn
      format          = coalesce(access_log_settings.value.format, local.default_log_format)
    }
  }
}
