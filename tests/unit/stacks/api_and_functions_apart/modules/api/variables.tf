variable "name" {
  type = string
}

variable "integrations" {
  description = "The ARN that is invoked for each route"
  type        = map(string)
}

variable "stage_name" {
  type    = string
  default = "$default"
}

variable "payload_format_version" {
  type    = string
  default = "1.0"
}

variable "timeout_milliseconds" {
  type    = number
  default = 29000
}

variable "log_fields" {
  type = map(string)
  default = {
    id       = "requestId"
    ip       = "identity.sourceIp"
    time     = "requestTime"
    method   = "httpMethod"
    route    = "routeKey"
    status   = "status"
    length   = "responseLength"
    protocol = "protocol"
  }
}
