provider "aws" {
  region = "eu-west-1"
}

locals {
  name = "tickets"
}

data "archive_file" "package" {
  type        = "zip"
  source_dir  = "${path.module}/src"
  output_path = "${path.module}/tickets.zip"
}

module "lambda" {
  source  = "terraform-aws-modules/lambda/aws"
  version = "7.20.0"

  function_name          = local.name
  handler                = "index.handler"
  runtime                = "nodejs22.x"
  architectures          = ["arm64"]
  memory_size            = 256
  timeout                = 10
  publish                = true
  create_package         = false
  local_existing_package = data.archive_file.package.output_path

  cloudwatch_logs_retention_in_days = 14

  create_current_version_allowed_triggers = false
  allowed_triggers = {
    HttpApi = {
      service    = "apigateway"
      source_arn = "${module.api.api_execution_arn}/*/*"
    }
  }
}

# Called by the same API, and nobody permits it. What it logs is kept for good.
module "worker" {
  source  = "terraform-aws-modules/lambda/aws"
  version = "7.20.0"

  function_name          = "${local.name}-worker"
  handler                = "worker.handler"
  runtime                = "nodejs22.x"
  architectures          = ["arm64"]
  local_existing_package = data.archive_file.package.output_path
}

module "api" {
  source  = "terraform-aws-modules/apigateway-v2/aws"
  version = "5.2.0"

  name = local.name

  routes = {
    "GET /tickets" = {
      integration = {
        uri                    = module.lambda.lambda_function_arn
        payload_format_version = "2.0"
        timeout_milliseconds   = 12000
      }
    }
    "POST /work" = {
      integration = {
        uri = module.worker.lambda_function_arn
      }
    }
  }

  stage_access_log_settings = {
    destination_arn = aws_cloudwatch_log_group.api.arn
  }
}

resource "aws_cloudwatch_log_group" "api" {
  name              = "/aws/apigateway/${local.name}"
  retention_in_days = 14
}

output "api_url" {
  value = module.api.stage_invoke_url
}

output "tickets_url" {
  value = "${trimsuffix(module.api.stage_invoke_url, "/")}/tickets"
}
