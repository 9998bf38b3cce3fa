provider "aws" {
  region = "ca-central-1"
}

locals {
  apis = {
    shop = {
      access_logs = { retention = 90, fields = ["path", "protocol", "integration.error"] }
    }
    intranet = {
      access_logs = null
    }
    partners = {
      access_logs = { retention = 30, fields = ["resourcePath"] }
    }
  }
}

module "api" {
  source   = "./api"
  for_each = local.apis

  name        = each.key
  access_logs = each.value.access_logs
}
