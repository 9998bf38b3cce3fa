provider "aws" {
  region = "eu-west-1"
}

locals {
  workspace = terraform.workspace
  name      = "${local.workspace}-guestbook"

  sizes = {
    default = 128
    staging = 256
    prod    = 1024
  }

  retention = {
    default = 7
    prod    = 365
  }

  is_prod = terraform.workspace == "prod"
}

data "archive_file" "guestbook" {
  type        = "zip"
  source_dir  = "${path.module}/guestbook"
  output_path = "${path.module}/guestbook-${terraform.workspace}.zip"
}

resource "aws_lambda_function" "guestbook" {
  function_name    = local.name
  role             = aws_iam_role.guestbook.arn
  runtime          = "nodejs22.x"
  handler          = "index.handler"
  architectures    = ["arm64"]
  memory_size      = lookup(local.sizes, local.workspace, 128)
  timeout          = local.is_prod ? 20 : 5
  filename         = data.archive_file.guestbook.output_path
  source_code_hash = data.archive_file.guestbook.output_base64sha256
}

resource "aws_cloudwatch_log_group" "guestbook" {
  name              = "/aws/lambda/${local.name}"
  retention_in_days = lookup(local.retention, local.workspace, local.retention["default"])
}

resource "aws_iam_role" "guestbook" {
  name = local.name
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "lambda.amazonaws.com" } }]
  })
}

resource "aws_iam_role_policy_attachment" "guestbook" {
  role       = aws_iam_role.guestbook.name
  policy_arn = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"
}

resource "aws_apigatewayv2_api" "guestbook" {
  name          = local.name
  protocol_type = "HTTP"

  cors_configuration {
    allow_origins = local.is_prod ? ["https://guestbook.example.com"] : ["*"]
  }
}

resource "aws_apigatewayv2_integration" "guestbook" {
  api_id                 = aws_apigatewayv2_api.guestbook.id
  integration_type       = "AWS_PROXY"
  integration_uri        = aws_lambda_function.guestbook.invoke_arn
  payload_format_version = "2.0"
}

resource "aws_apigatewayv2_route" "guestbook" {
  api_id    = aws_apigatewayv2_api.guestbook.id
  route_key = "ANY /entries"
  target    = "integrations/${aws_apigatewayv2_integration.guestbook.id}"
}

resource "aws_apigatewayv2_stage" "guestbook" {
  api_id      = aws_apigatewayv2_api.guestbook.id
  name        = terraform.workspace
  auto_deploy = true

  access_log_settings {
    destination_arn = aws_cloudwatch_log_group.access.arn
    format = jsonencode({
      workspace      = terraform.workspace
      requestId      = "$context.requestId"
      sourceIp       = "$context.identity.sourceIp"
      requestTime    = "$context.requestTime"
      httpMethod     = "$context.httpMethod"
      routeKey       = "$context.routeKey"
      status         = "$context.status"
      responseLength = "$context.responseLength"
    })
  }
}

resource "aws_cloudwatch_log_group" "access" {
  name              = "/apis/${local.name}"
  retention_in_days = local.is_prod ? 365 : 7
}

resource "aws_lambda_permission" "guestbook" {
  action        = "lambda:InvokeFunction"
  function_name = aws_lambda_function.guestbook.function_name
  principal     = "apigateway.amazonaws.com"
  source_arn    = "${aws_apigatewayv2_api.guestbook.execution_arn}/*/*"
}

output "url" {
  value = "${aws_apigatewayv2_stage.guestbook.invoke_url}/entries"
}
