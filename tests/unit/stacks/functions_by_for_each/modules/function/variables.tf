variable "name" {
  type = string
}

variable "description" {
  type    = string
  default = ""
}

variable "source_dir" {
  type = string
}

variable "memory_size" {
  type    = number
  default = 128
}

variable "timeout" {
  type    = number
  default = 3
}

variable "environment" {
  type    = map(string)
  default = {}
}

variable "log_retention_in_days" {
  type    = number
  default = 14
}

variable "api_execution_arn" {
  type = string
}
