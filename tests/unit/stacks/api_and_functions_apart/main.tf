provider "aws" {
  region = var.region
}

variable "region" {
  type    = string
  default = "us-east-1"
}

module "functions" {
  source = "./modules/functions"

  name_prefix = "billing"
}

module "api" {
  source = "./modules/api"

  name = "billing"

  integrations = {
    "GET /invoices"      = module.functions.invoke_arns["invoices"]
    "GET /invoices/{id}" = module.functions.invoke_arns["invoices"]
    "POST /payments"     = module.functions.invoke_arns["payments"]
  }
}

resource "aws_lambda_permission" "invoices" {
  statement_id  = "AllowExecutionFromAPIGateway"
  action        = "lambda:InvokeFunction"
  function_name = module.functions.names["invoices"]
  principal     = "apigateway.amazonaws.com"
  source_arn    = "${module.api.execution_arn}/*/*"
}

output "url" {
  value = module.api.url
}
