variable "create" {
  description = "Whether anything is made at all"
  type        = bool
  default     = true
}

variable "create_log_groups" {
  description = "The platform team makes them in some accounts"
  type        = bool
}

variable "name" {
  type    = string
  default = "notes"
}
