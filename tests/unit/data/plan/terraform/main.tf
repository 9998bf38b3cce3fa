# What a plan knows and the source does not, and the reverse. ../plan.json is its plan, made by
#   terraform init && terraform plan -var days=0 -var key=5ecretKey -out plan.bin && terraform show -json plan.bin
terraform {
  required_providers {
    aws = {
      source = "hashicorp/aws"
    }
  }
}

provider "aws" {
  region                      = "eu-west-1"
  access_key                  = "none"
  secret_key                  = "none"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_requesting_account_id  = true
}

variable "days" {
  type = number
}

variable "key" {
  type      = string
  sensitive = true
}

data "terraform_remote_state" "shared" {
  backend = "local"
  config = {
    path = "${path.module}/shared.json"
  }
}

resource "aws_cloudwatch_log_group" "by_variable" {
  name              = "by-variable"
  retention_in_days = var.days
}

resource "aws_cloudwatch_log_group" "by_data" {
  name              = "by-data"
  retention_in_days = data.terraform_remote_state.shared.outputs.days
}

resource "aws_cloudwatch_log_group" "counted" {
  count = length(data.terraform_remote_state.shared.outputs.names)
  name  = data.terraform_remote_state.shared.outputs.names[count.index]
}

resource "aws_apigatewayv2_api" "shop" {
  for_each      = toset(data.terraform_remote_state.shared.outputs.names)
  name          = each.key
  protocol_type = "HTTP"
}

resource "aws_lambda_function" "shop" {
  for_each      = aws_apigatewayv2_api.shop
  function_name = "shop-${each.key}"
  role          = "arn:aws:iam::123456789012:role/shop"
  image_uri     = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/shop:1"
  package_type  = "Image"
}

resource "aws_apigatewayv2_integration" "shop" {
  for_each               = aws_apigatewayv2_api.shop
  api_id                 = each.value.id
  integration_type       = "AWS_PROXY"
  integration_uri        = aws_lambda_function.shop[each.key].invoke_arn
  payload_format_version = "2.0"
}

resource "aws_lambda_permission" "shop" {
  for_each      = aws_apigatewayv2_api.shop
  action        = "lambda:InvokeFunction"
  function_name = aws_lambda_function.shop[each.key].function_name
  principal     = "apigateway.amazonaws.com"
  source_arn    = "${each.value.execution_arn}/*/*"
}

module "logs" {
  source = "./logs"
  name   = "access"
}

resource "aws_apigatewayv2_stage" "books" {
  api_id      = aws_apigatewayv2_api.shop["books"].id
  name        = "$default"
  auto_deploy = true

  access_log_settings {
    destination_arn = module.logs.arn
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
}

resource "aws_lambda_function" "secret" {
  function_name = "secret-${var.key}"
  role          = "arn:aws:iam::123456789012:role/secret-${var.key}"
  image_uri     = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/secret:1"
  package_type  = "Image"

  environment {
    variables = {
      KEY = var.key
    }
  }
}

output "url" {
  value     = "${aws_apigatewayv2_stage.books.invoke_url}?key=${var.key}"
  sensitive = true
}
