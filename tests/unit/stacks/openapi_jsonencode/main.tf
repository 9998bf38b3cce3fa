provider "aws" {}

locals {
  project = "catalog"

  operations = {
    "/products" = {
      get  = "browse"
      post = "create"
    }
    "/products/{id}" = {
      get = "browse"
    }
  }

  integration = {
    type           = "aws_proxy"
    httpMethod     = "POST"
    connectionType = "INTERNET"
  }
}

resource "aws_apigatewayv2_api" "catalog" {
  name          = local.project
  protocol_type = "HTTP"

  body = jsonencode({
    openapi = "3.0.3"
    info = {
      title   = local.project
      version = "1.0"
    }
    paths = merge(
      {
        for path, methods in local.operations : path => {
          for method, name in methods : method => {
            responses = { default = { description = "Whatever ${name} answers" } }
            x-amazon-apigateway-integration = merge(local.integration, {
              uri                  = aws_lambda_function.catalog[name].invoke_arn
              payloadFormatVersion = "2.0"
              timeoutInMillis      = 15000
            })
          }
        }
      },
      {
        "/search" = {
          x-amazon-apigateway-any-method = {
            x-amazon-apigateway-integration = merge(local.integration, {
              uri = aws_lambda_function.catalog["search"].invoke_arn
            })
          }
        }
        "/docs" = {
          get = {
            x-amazon-apigateway-integration = {
              type                 = "http_proxy"
              httpMethod           = "GET"
              uri                  = "https://docs.example.com/catalog"
              payloadFormatVersion = "1.0"
            }
          }
        }
      },
    )
  })
}

resource "aws_apigatewayv2_stage" "default" {
  api_id      = aws_apigatewayv2_api.catalog.id
  name        = "$default"
  auto_deploy = true

  access_log_settings {
    destination_arn = aws_cloudwatch_log_group.api.arn
    format = replace(
      <<-EOT
        {"id":"$context.requestId","ip":"$context.identity.sourceIp","at":"$context.requestTime",
        "method":"$context.httpMethod","route":"$context.routeKey","status":"$context.status",
        "bytes":"$context.responseLength"}
      EOT
      , "\n", "",
    )
  }
}

resource "aws_cloudwatch_log_group" "api" {
  name              = "/api/${local.project}"
  retention_in_days = 60
}

output "base_url" {
  value = "${aws_apigatewayv2_stage.default.invoke_url}products"
}
