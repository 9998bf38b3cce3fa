terraform {
  required_version = ">= 1.5"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.0"
    }
    archive = {
      source  = "hashicorp/archive"
      version = ">= 1.3"
    }
  }
}

provider "aws" {
  region = "eu-central-1"

  default_tags {
    tags = {
      Service = "orders"
      Team    = "checkout"
    }
  }
}

locals {
  prefix = "orders"

  functions = {
    list-orders = {
      route       = "GET /orders"
      description = "Lists a customer's orders"
    }
    create-order = {
      route       = "POST /orders"
      description = "Places an order"
      memory_size = 512
      timeout     = 15
    }
    health = {
      route       = "GET /health"
      description = "Says that it is alive"
      memory_size = 128
    }
  }
}

module "function" {
  source   = "./modules/function"
  for_each = local.functions

  name              = "${local.prefix}-${each.key}"
  description       = each.value.description
  source_dir        = "${path.module}/src/${each.key}"
  memory_size       = try(each.value.memory_size, 256)
  timeout           = try(each.value.timeout, 10)
  api_execution_arn = aws_apigatewayv2_api.orders.execution_arn

  environment = {
    TABLE_NAME = "orders"
  }
}
