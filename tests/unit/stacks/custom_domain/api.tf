resource "aws_apigatewayv2_api" "this" {
  name                         = "weather"
  protocol_type                = "HTTP"
  disable_execute_api_endpoint = false
}

resource "aws_apigatewayv2_stage" "this" {
  for_each = toset(["$default", "v1"])

  api_id      = aws_apigatewayv2_api.this.id
  name        = each.key
  auto_deploy = true

  access_log_settings {
    destination_arn = aws_cloudwatch_log_group.access.arn
    format = join("", [
      "{",
      join(",", [for field in local.access_log_fields : format("%q:%q", field, "$context.${field}")]),
      "}",
    ])
  }
}

locals {
  access_log_fields = [
    "requestId", "identity.sourceIp", "requestTime", "httpMethod", "routeKey", "status", "responseLength",
    "customDomain.basePathMatched", "domainName",
  ]
}

resource "aws_cloudwatch_log_group" "access" {
  name              = "/aws/vendedlogs/apis/weather"
  retention_in_days = 7
}

resource "aws_apigatewayv2_integration" "forecast" {
  api_id                 = aws_apigatewayv2_api.this.id
  integration_type       = "AWS_PROXY"
  integration_uri        = aws_lambda_function.forecast.invoke_arn
  payload_format_version = "2.0"
}

resource "aws_apigatewayv2_route" "forecast" {
  api_id    = aws_apigatewayv2_api.this.id
  route_key = "GET /forecast/{city}"
  target    = join("/", ["integrations", aws_apigatewayv2_integration.forecast.id])
}

data "aws_caller_identity" "current" {}
data "aws_partition" "current" {}
data "aws_region" "current" {}

resource "aws_lambda_permission" "forecast" {
  action        = "lambda:InvokeFunction"
  function_name = aws_lambda_function.forecast.function_name
  principal     = "apigateway.amazonaws.com"
  source_arn    = "arn:${data.aws_partition.current.partition}:execute-api:${data.aws_region.current.name}:${data.aws_caller_identity.current.account_id}:${aws_apigatewayv2_api.this.id}/*/*"
}

data "archive_file" "forecast" {
  type        = "zip"
  source_dir  = "${path.module}/forecast"
  output_path = "${path.module}/forecast.zip"
}

resource "aws_lambda_function" "forecast" {
  function_name    = "weather-forecast"
  role             = aws_iam_role.forecast.arn
  runtime          = "nodejs22.x"
  handler          = "lib/forecast.get"
  architectures    = ["arm64"]
  memory_size      = 256
  timeout          = 6
  filename         = data.archive_file.forecast.output_path
  source_code_hash = data.archive_file.forecast.output_base64sha256
}

resource "aws_cloudwatch_log_group" "forecast" {
  name              = "/aws/lambda/weather-forecast"
  retention_in_days = 7
}

resource "aws_iam_role" "forecast" {
  name = "weather-forecast"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "lambda.amazonaws.com" } }]
  })
}

resource "aws_iam_role_policy_attachments_exclusive" "forecast" {
  role_name   = aws_iam_role.forecast.name
  policy_arns = ["arn:${data.aws_partition.current.partition}:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"]
}

output "url" {
  value = "https://${aws_apigatewayv2_api_mapping.this["$default"].domain_name}"
}

# Ends in a slash, which whoever adds /forecast does not expect.
output "internal_url" {
  value = aws_apigatewayv2_stage.this["$default"].invoke_url
}

output "v1_url" {
  value = aws_apigatewayv2_stage.this["v1"].invoke_url
}

output "example" {
  value = "${aws_apigatewayv2_stage.this["$default"].invoke_url}forecast/berlin"
}

output "urls" {
  value = { for name, stage in aws_apigatewayv2_stage.this : name => trimsuffix(stage.invoke_url, "/") }
}
