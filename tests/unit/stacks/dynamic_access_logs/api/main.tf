variable "name" {
  type = string
}

variable "access_logs" {
  description = "null for none"
  type = object({
    retention = optional(number, 14)
    fields    = optional(list(string), [])
  })
  default = null
}

locals {
  always = {
    requestId      = "$context.requestId"
    ip             = "$context.identity.sourceIp"
    requestTime    = "$context.requestTime"
    httpMethod     = "$context.httpMethod"
    routeKey       = "$context.routeKey"
    status         = "$context.status"
    responseLength = "$context.responseLength"
  }

  logs = var.access_logs == null ? [] : [var.access_logs]
}

resource "aws_apigatewayv2_api" "this" {
  name          = var.name
  protocol_type = "HTTP"
}

resource "aws_cloudwatch_log_group" "this" {
  count = length(local.logs)

  name              = "/apis/${var.name}"
  retention_in_days = local.logs[count.index].retention
}

resource "aws_apigatewayv2_stage" "this" {
  api_id      = aws_apigatewayv2_api.this.id
  name        = "$default"
  auto_deploy = true

  dynamic "access_log_settings" {
    for_each = local.logs

    content {
      destination_arn = trimsuffix(aws_cloudwatch_log_group.this[access_log_settings.key].arn, ":*")
      format = jsonencode(merge(
        local.always,
        { for field in access_log_settings.value.fields : field => "$context.${field}" },
      ))
    }
  }

  dynamic "route_settings" {
    for_each = { "GET /status" = 5 }
    iterator = route

    content {
      route_key              = route.key
      throttling_rate_limit  = route.value
      throttling_burst_limit = route.value * 2
    }
  }
}

resource "aws_apigatewayv2_integration" "status" {
  api_id             = aws_apigatewayv2_api.this.id
  integration_type   = "HTTP_PROXY"
  integration_method = "GET"
  integration_uri    = "https://status.example.com/${var.name}"
}

resource "aws_apigatewayv2_route" "status" {
  api_id    = aws_apigatewayv2_api.this.id
  route_key = "GET /status"
  target    = "integrations/${aws_apigatewayv2_integration.status.id}"
}
