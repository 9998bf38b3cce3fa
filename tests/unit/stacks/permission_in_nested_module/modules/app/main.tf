variable "name" {
  type = string
}

variable "endpoints" {
  type = map(object({
    keys = list(string)
    env  = optional(map(string), {})
  }))
}

module "api" {
  source = "../api"
  name   = var.name
}

module "endpoint" {
  source   = "../endpoint"
  for_each = var.endpoints

  app         = var.name
  name        = each.key
  keys        = each.value.keys
  environment = merge({ APP = var.name }, each.value.env)
  api         = module.api
}

output "endpoint" {
  value = module.api.url
}
