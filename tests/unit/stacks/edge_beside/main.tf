provider "aws" {
  region = "eu-west-1"
}

provider "aws" {
  alias  = "us_east_1"
  region = "us-east-1"
}

data "archive_file" "api" {
  type        = "zip"
  source_file = "api.mjs"
  output_path = "api.zip"
}

data "archive_file" "rewrite" {
  type        = "zip"
  source_file = "rewrite.cjs"
  output_path = "rewrite.zip"
}

resource "aws_lambda_function" "api" {
  function_name    = "site-api"
  role             = aws_iam_role.api.arn
  runtime          = "nodejs22.x"
  handler          = "api.handler"
  architectures    = ["arm64"]
  memory_size      = 512
  timeout          = 12
  filename         = data.archive_file.api.output_path
  source_code_hash = data.archive_file.api.output_base64sha256
}

# Lambda@Edge: in us-east-1, published, on x86.
resource "aws_lambda_function" "rewrite" {
  provider = aws.us_east_1

  function_name    = "site-rewrite"
  role             = aws_iam_role.rewrite.arn
  runtime          = "nodejs22.x"
  handler          = "rewrite.handler"
  publish          = true
  memory_size      = 128
  timeout          = 5
  filename         = data.archive_file.rewrite.output_path
  source_code_hash = data.archive_file.rewrite.output_base64sha256
}

data "aws_iam_policy_document" "trust" {
  for_each = {
    api     = ["lambda.amazonaws.com"]
    rewrite = ["lambda.amazonaws.com", "edgelambda.amazonaws.com"]
  }

  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "Service"
      identifiers = each.value
    }
  }
}

resource "aws_iam_role" "api" {
  name                = "site-api"
  assume_role_policy  = data.aws_iam_policy_document.trust["api"].json
  managed_policy_arns = ["arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"]
}

resource "aws_iam_role" "rewrite" {
  name                = "site-rewrite"
  assume_role_policy  = data.aws_iam_policy_document.trust["rewrite"].json
  managed_policy_arns = ["arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"]
}

resource "aws_cloudwatch_log_group" "api" {
  name              = "/aws/lambda/${aws_lambda_function.api.id}"
  retention_in_days = 14
}

# What a test in the console logs; what the edge logs is in us-east-1.site-rewrite, region by region.
resource "aws_cloudwatch_log_group" "rewrite" {
  provider = aws.us_east_1
  for_each = toset(["site-rewrite", "us-east-1.site-rewrite"])

  name              = "/aws/lambda/${each.key}"
  retention_in_days = 14
}
