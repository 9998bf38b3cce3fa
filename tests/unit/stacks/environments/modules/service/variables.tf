variable "environment" {
  type = string

  validation {
    condition     = can(regex("^[a-z]+$", var.environment))
    error_message = "An environment's name is one word in lower case."
  }
}

variable "settings" {
  type = object({
    memory_size        = number
    timeout            = optional(number, 20)
    log_retention_days = number
    cors_origins       = optional(list(string), [])
    access_logs        = optional(bool, true)
  })
}
