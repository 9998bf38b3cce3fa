variable "api_id" {}
variable "key" {}
variable "integration" {}

resource "aws_apigatewayv2_route" "this" {
  api_id    = var.api_id
  route_key = var.key
  target    = "integrations/${var.integration}"
}
