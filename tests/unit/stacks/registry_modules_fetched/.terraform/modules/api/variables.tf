variable "create" {
  type    = bool
  default = true
}

variable "name" {
  type    = string
  default = ""
}

variable "protocol_type" {
  type    = string
  default = "HTTP"
}

variable "stage_name" {
  type    = string
  default = "$default"
}

variable "cors_configuration" {
  type = object({
    allow_credentials = optional(bool)
    allow_headers     = optional(list(string))
    allow_methods     = optional(list(string))
    allow_origins     = optional(list(string))
    max_age           = optional(number)
  })
  default = null
}

variable "routes" {
  type = map(object({
    authorization_type = optional(string)
    integration = object({
      type                   = optional(string, "AWS_PROXY")
      subtype                = optional(string)
      uri                    = optional(string)
      method                 = optional(string)
      credentials_arn        = optional(string)
      payload_format_version = optional(string)
      timeout_milliseconds   = optional(number)
    })
  }))
  default = {}
}

variable "stage_access_log_settings" {
  type = object({
    destination_arn = optional(string)
    format          = optional(string)
  })
  default = {}
}
