terraform {
  required_version = ">= 1.3"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.37"
    }
  }
}

provider "aws" {
  region = "eu-west-1"
}

locals {
  name = "http-lambda"
}

module "lambda_function" {
  source  = "terraform-aws-modules/lambda/aws"
  version = "~> 7.0"

  function_name = local.name
  description   = "Answers the API"
  handler       = "index.handler"
  runtime       = "nodejs22.x"
  architectures = ["arm64"]
  memory_size   = 256
  timeout       = 10
  publish       = true
  source_path   = "${path.module}/src"

  cloudwatch_logs_retention_in_days = 14

  allowed_triggers = {
    AllowExecutionFromAPIGateway = {
      service    = "apigateway"
      source_arn = "${module.api_gateway.api_execution_arn}/*/*"
    }
  }
}

module "api_gateway" {
  source  = "terraform-aws-modules/apigateway-v2/aws"
  version = "~> 5.0"

  name          = local.name
  protocol_type = "HTTP"

  create_domain_name = false

  routes = {
    "GET /hello" = {
      integration = {
        uri                    = module.lambda_function.lambda_function_arn
        payload_format_version = "2.0"
      }
    }
  }

  stage_access_log_settings = {
    create_log_group = false
    destination_arn  = aws_cloudwatch_log_group.api.arn
    format           = jsonencode({ requestId = "$context.requestId" })
  }
}

resource "aws_cloudwatch_log_group" "api" {
  name              = "/aws/apigateway/${local.name}"
  retention_in_days = 14
}

output "api_endpoint" {
  value = module.api_gateway.api_endpoint
}
