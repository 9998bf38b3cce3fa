variable "environment" {
  type = string
}

variable "settings" {
  type = any
}

provider "aws" {}

module "service" {
  source = "../../modules/service"

  environment = var.environment
  settings    = var.settings
}
