provider "aws" {
  region = "ap-southeast-2"
}

data "archive_file" "orders" {
  type        = "zip"
  source_dir  = "src/orders"
  output_path = "orders.zip"
}

data "archive_file" "audit" {
  type        = "zip"
  source_dir  = "src/audit"
  output_path = "audit.zip"
}

resource "aws_lambda_function" "orders" {
  function_name    = "orders"
  role             = aws_iam_role.orders.arn
  runtime          = "nodejs22.x"
  handler          = "orders.handler"
  architectures    = ["arm64"]
  memory_size      = 256
  timeout          = 10
  filename         = data.archive_file.orders.output_path
  source_code_hash = data.archive_file.orders.output_base64sha256
}

resource "aws_lambda_function" "audit" {
  function_name    = "audit"
  role             = aws_iam_role.audit.arn
  runtime          = "nodejs22.x"
  handler          = "audit.handler"
  architectures    = ["arm64"]
  memory_size      = 256
  timeout          = 10
  filename         = data.archive_file.audit.output_path
  source_code_hash = data.archive_file.audit.output_base64sha256
}

resource "aws_cloudwatch_log_group" "orders" {
  name              = "/aws/lambda/orders"
  retention_in_days = 30
}

resource "aws_cloudwatch_log_group" "audit" {
  name              = "/aws/lambda/audit"
  retention_in_days = 365
}

resource "aws_iam_role" "orders" {
  name               = "orders"
  assume_role_policy = data.aws_iam_policy_document.lambda.json
}

resource "aws_iam_role" "audit" {
  name               = "audit"
  assume_role_policy = data.aws_iam_policy_document.lambda.json
}

data "aws_iam_policy_document" "lambda" {
  statement {
    effect  = "Allow"
    actions = ["sts:AssumeRole"]
    principals {
      type        = "Service"
      identifiers = ["lambda.amazonaws.com"]
    }
  }
}
