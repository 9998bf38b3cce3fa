variable "context" {
  type = any
  default = {
    enabled    = true
    namespace  = null
    stage      = null
    name       = null
    attributes = []
    tags       = {}
  }
}

variable "enabled" {
  type    = bool
  default = null
}

variable "namespace" {
  type    = string
  default = null
}

variable "stage" {
  type    = string
  default = null
}

variable "name" {
  type    = string
  default = null
}

variable "attributes" {
  type    = list(string)
  default = []
}

variable "tags" {
  type    = map(string)
  default = {}
}

locals {
  enabled    = var.enabled == null ? var.context.enabled : var.enabled
  attributes = compact(distinct(concat(coalesce(var.context.attributes, []), coalesce(var.attributes, []))))

  labels = [
    for value in [
      var.namespace == null ? var.context.namespace : var.namespace,
      var.stage == null ? var.context.stage : var.stage,
      var.name == null ? var.context.name : var.name,
    ] : lower(replace(value, "/[^a-zA-Z0-9-]/", "")) if value != null
  ]

  id   = local.enabled ? join("-", concat(local.labels, local.attributes)) : ""
  tags = merge(var.context.tags, var.tags, { Name = local.id })
}

output "id" {
  value = local.id
}

output "enabled" {
  value = local.enabled
}

output "tags" {
  value = local.tags
}

output "context" {
  value = {
    enabled    = local.enabled
    namespace  = try(local.labels[0], null)
    stage      = try(local.labels[1], null)
    name       = try(local.labels[2], null)
    attributes = local.attributes
    tags       = merge(var.context.tags, var.tags)
  }
}
