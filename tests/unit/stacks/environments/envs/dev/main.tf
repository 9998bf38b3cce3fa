terraform {
  backend "s3" {
    bucket = "terraform-state-example"
    key    = "notes/dev.tfstate"
    region = "eu-west-1"
  }
}

provider "aws" {
  region = var.region
}

variable "region" {
  type = string
}

variable "environment" {
  type = string
}

variable "settings" {
  type = object({
    memory_size        = number
    timeout            = optional(number, 10)
    log_retention_days = number
    cors_origins       = optional(list(string), [])
    access_logs        = optional(bool, true)
  })
}

module "service" {
  source = "../../modules/service"

  environment = var.environment
  settings    = var.settings
}

output "api_url" {
  value = module.service.url
}
