terraform {
  required_providers {
    aws     = { source = "hashicorp/aws", version = "~> 5.0" }
    archive = { source = "hashicorp/archive", version = ">= 1.0" }
  }
}

provider "aws" {
  region = "us-east-1"
}

module "handler" {
  source   = "./handler"
  for_each = toset(["http", "socket", "rest"])

  name = "chat-${each.key}"
}

locals {
  access_log = {
    requestId      = "$context.requestId"
    sourceIp       = "$context.identity.sourceIp"
    requestTime    = "$context.requestTime"
    httpMethod     = "$context.httpMethod"
    routeKey       = "$context.routeKey"
    status         = "$context.status"
    responseLength = "$context.responseLength"
  }
}

resource "aws_cloudwatch_log_group" "access" {
  for_each = toset(["http", "socket"])

  name              = "/chat/${each.key}"
  retention_in_days = 5
}
