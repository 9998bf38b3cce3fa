variable "create" {
  type    = bool
  default = true
}

variable "create_function" {
  type    = bool
  default = true
}

variable "create_package" {
  type    = bool
  default = true
}

variable "create_role" {
  type    = bool
  default = true
}

variable "lambda_at_edge" {
  type    = bool
  default = false
}

variable "snap_start" {
  type    = bool
  default = false
}

variable "function_name" {
  type    = string
  default = ""
}

variable "description" {
  type    = string
  default = ""
}

variable "handler" {
  type    = string
  default = ""
}

variable "runtime" {
  type    = string
  default = ""
}

variable "package_type" {
  type    = string
  default = "Zip"
}

variable "architectures" {
  type    = list(string)
  default = null
}

variable "memory_size" {
  type    = number
  default = 128
}

variable "timeout" {
  type    = number
  default = 3
}

variable "publish" {
  type    = bool
  default = false
}

variable "layers" {
  type    = list(string)
  default = null
}

variable "local_existing_package" {
  type    = string
  default = null
}

variable "ignore_source_code_hash" {
  type    = bool
  default = false
}

variable "environment_variables" {
  type    = map(string)
  default = {}
}

variable "dead_letter_target_arn" {
  type    = string
  default = null
}

variable "use_existing_cloudwatch_log_group" {
  type    = bool
  default = false
}

variable "logging_log_group" {
  type    = string
  default = null
}

variable "cloudwatch_logs_retention_in_days" {
  type    = number
  default = null
}

variable "allowed_triggers" {
  type    = map(any)
  default = {}
}

variable "create_current_version_allowed_triggers" {
  type    = bool
  default = true
}

variable "create_unqualified_alias_allowed_triggers" {
  type    = bool
  default = true
}

variable "lambda_role" {
  type    = string
  default = ""
}

variable "role_name" {
  type    = string
  default = null
}

variable "trusted_entities" {
  type    = any
  default = []
}

variable "attach_cloudwatch_logs_policy" {
  type    = bool
  default = true
}

variable "policies" {
  type    = list(string)
  default = []
}
