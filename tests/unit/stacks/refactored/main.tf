terraform {
  required_version = ">= 1.7"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.0"
    }
  }
}

provider "aws" {
  alias  = "main"
  region = "eu-west-1"
}

variable "api_id" {
  description = "Set once, to take over the API that was made by hand"
  type        = string
  default     = "a1b2c3d4e5"
}

locals {
  log_retention = 30
}

import {
  to = aws_apigatewayv2_api.polls
  id = var.api_id
}

moved {
  from = aws_lambda_function.vote
  to   = module.vote.aws_lambda_function.this
}

removed {
  from = aws_lambda_function.legacy

  lifecycle {
    destroy = false
  }
}

check "it_answers" {
  assert {
    condition     = startswith(aws_apigatewayv2_api.polls.api_endpoint, "https://")
    error_message = "The API has no endpoint."
  }
}

module "vote" {
  source = "./function"

  name          = "polls-vote"
  source_dir    = "${path.root}/vote"
  log_retention = local.log_retention

  providers = {
    aws = aws.main
  }

  depends_on = [aws_apigatewayv2_api.polls]
}

resource "aws_apigatewayv2_api" "polls" {
  provider      = aws.main
  name          = "polls"
  protocol_type = "HTTP"

  lifecycle {
    prevent_destroy = true
    ignore_changes  = [tags, description]
  }
}

resource "aws_apigatewayv2_integration" "vote" {
  provider               = aws.main
  api_id                 = aws_apigatewayv2_api.polls.id
  integration_type       = "AWS_PROXY"
  integration_uri        = module.vote.invoke_arn
  payload_format_version = "2.0"
}

resource "aws_apigatewayv2_route" "vote" {
  provider  = aws.main
  api_id    = aws_apigatewayv2_api.polls.id
  route_key = "POST /polls/{id}/votes"
  target    = "integrations/${aws_apigatewayv2_integration.vote.id}"
}

resource "aws_apigatewayv2_deployment" "polls" {
  provider = aws.main
  api_id   = aws_apigatewayv2_api.polls.id

  triggers = {
    routes = sha1(jsonencode([aws_apigatewayv2_route.vote.route_key, aws_apigatewayv2_integration.vote.integration_uri]))
  }

  lifecycle {
    create_before_destroy = true
  }

  depends_on = [aws_apigatewayv2_route.vote]
}

resource "aws_apigatewayv2_stage" "live" {
  provider      = aws.main
  api_id        = aws_apigatewayv2_api.polls.id
  name          = "$default"
  deployment_id = aws_apigatewayv2_deployment.polls.id

  access_log_settings {
    destination_arn = aws_cloudwatch_log_group.access.arn
    format = jsonencode({
      requestId      = "$context.requestId"
      sourceIp       = "$context.identity.sourceIp"
      requestTime    = "$context.requestTime"
      httpMethod     = "$context.httpMethod"
      routeKey       = "$context.routeKey"
      status         = "$context.status"
      responseLength = "$context.responseLength"
    })
  }

  lifecycle {
    precondition {
      condition     = local.log_retention > 0
      error_message = "Logs have to expire."
    }
  }
}

resource "aws_cloudwatch_log_group" "access" {
  provider          = aws.main
  name              = "/polls/access"
  retention_in_days = local.log_retention
}

resource "aws_lambda_permission" "vote" {
  provider            = aws.main
  statement_id_prefix = "polls"
  action              = "lambda:InvokeFunction"
  function_name       = module.vote.name
  principal           = "apigateway.amazonaws.com"
  source_arn          = "${aws_apigatewayv2_api.polls.execution_arn}/*/*"

  lifecycle {
    replace_triggered_by = [aws_apigatewayv2_api.polls]
  }
}
