terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.0"
    }
  }
}

provider "aws" {
  region = var.aws_region
}

variable "aws_region" {
  type    = string
  default = "us-east-1"
}

resource "aws_s3_bucket" "code" {
  bucket_prefix = "learning-serverless-"
}

data "archive_file" "greeting" {
  type        = "zip"
  source_dir  = "${path.module}/greeting"
  output_path = "${path.module}/greeting.zip"
}

resource "aws_s3_object" "greeting" {
  bucket = aws_s3_bucket.code.id
  key    = "greeting.zip"
  source = data.archive_file.greeting.output_path
  etag   = filemd5(data.archive_file.greeting.output_path)
}

resource "aws_lambda_function" "greeting" {
  function_name    = "Greeting"
  s3_bucket        = aws_s3_bucket.code.id
  s3_key           = aws_s3_object.greeting.key
  runtime          = "nodejs20.x"
  handler          = "greet.handler"
  source_code_hash = data.archive_file.greeting.output_base64sha256
  role             = aws_iam_role.lambda.arn
}

resource "aws_cloudwatch_log_group" "greeting" {
  name              = "/aws/lambda/${aws_lambda_function.greeting.function_name}"
  retention_in_days = 30
}

resource "aws_iam_role" "lambda" {
  name = "learning_lambda"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Action    = "sts:AssumeRole"
      Effect    = "Allow"
      Sid       = ""
      Principal = { Service = "lambda.amazonaws.com" }
    }]
  })
}

resource "aws_iam_role_policy_attachment" "lambda" {
  role       = aws_iam_role.lambda.name
  policy_arn = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"
}

resource "aws_apigatewayv2_api" "lambda" {
  name          = "learning_api"
  protocol_type = "HTTP"
}

resource "aws_apigatewayv2_stage" "lambda" {
  api_id      = aws_apigatewayv2_api.lambda.id
  name        = "learning_stage"
  auto_deploy = true

  access_log_settings {
    destination_arn = aws_cloudwatch_log_group.api.arn

    format = jsonencode({
      requestId               = "$context.requestId"
      sourceIp                = "$context.identity.sourceIp"
      requestTime             = "$context.requestTime"
      protocol                = "$context.protocol"
      httpMethod              = "$context.httpMethod"
      resourcePath            = "$context.resourcePath"
      routeKey                = "$context.routeKey"
      status                  = "$context.status"
      responseLength          = "$context.responseLength"
      integrationErrorMessage = "$context.integrationErrorMessage"
    })
  }
}

resource "aws_apigatewayv2_integration" "greeting" {
  api_id             = aws_apigatewayv2_api.lambda.id
  integration_uri    = aws_lambda_function.greeting.invoke_arn
  integration_type   = "AWS_PROXY"
  integration_method = "POST"
}

resource "aws_apigatewayv2_route" "greeting" {
  api_id    = aws_apigatewayv2_api.lambda.id
  route_key = "GET /greet"
  target    = "integrations/${aws_apigatewayv2_integration.greeting.id}"
}

resource "aws_cloudwatch_log_group" "api" {
  name              = "/aws/api_gw/${aws_apigatewayv2_api.lambda.name}"
  retention_in_days = 30
}

resource "aws_lambda_permission" "api_gw" {
  statement_id  = "AllowFromGateway"
  action        = "lambda:InvokeFunction"
  function_name = aws_lambda_function.greeting.function_name
  principal     = "apigateway.amazonaws.com"
  source_arn    = "${aws_apigatewayv2_api.lambda.execution_arn}/*/*"
}

output "base_url" {
  description = "Where the stage is served"
  value       = aws_apigatewayv2_stage.lambda.invoke_url
}
