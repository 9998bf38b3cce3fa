data "aws_region" "current" {}

provider "aws" {
  region = "us-east-2"
}

locals {
  app = "thumbnails"
}

data "archive_file" "app" {
  type        = "zip"
  source_dir  = "${path.module}/src"
  output_path = "${path.module}/package/app.zip"
  excludes    = ["tests", "README.md", "app/__pycache__"]
}

data "archive_file" "layer" {
  type        = "zip"
  source_dir  = "${path.module}/layer"
  output_path = "${path.module}/package/layer.zip"
}

resource "aws_lambda_layer_version" "common" {
  layer_name               = "${local.app}-common"
  filename                 = data.archive_file.layer.output_path
  source_code_hash         = data.archive_file.layer.output_base64sha256
  compatible_runtimes      = ["python3.12", "python3.13"]
  compatible_architectures = ["arm64"]
}

resource "aws_lambda_function" "app" {
  function_name    = local.app
  role             = aws_iam_role.app.arn
  runtime          = "python3.13"
  handler          = "app.main.handler"
  architectures    = ["arm64"]
  memory_size      = 1024
  timeout          = 25
  filename         = data.archive_file.app.output_path
  source_code_hash = data.archive_file.app.output_base64sha256

  layers = [
    aws_lambda_layer_version.common.arn,
    "arn:aws:lambda:${data.aws_region.current.name}:017000801446:layer:AWSLambdaPowertoolsPythonV3-python313-arm64:7",
  ]

  environment {
    variables = {
      BUCKET                  = aws_s3_bucket.images.id
      POWERTOOLS_SERVICE_NAME = local.app
    }
  }

  tracing_config {
    mode = "Active"
  }
}

resource "aws_cloudwatch_log_group" "app" {
  name              = "/aws/lambda/${local.app}"
  retention_in_days = 14
}

resource "aws_s3_bucket" "images" {
  bucket_prefix = local.app
}

data "aws_iam_policy_document" "app" {
  statement {
    actions   = ["s3:GetObject", "s3:PutObject"]
    resources = ["${aws_s3_bucket.images.arn}/*"]
  }

  # X-Ray has no resources of its own.
  statement {
    actions   = ["xray:PutTraceSegments", "xray:PutTelemetryRecords"]
    resources = ["*"]
  }

  statement {
    actions   = ["logs:CreateLogStream", "logs:PutLogEvents"]
    resources = ["${aws_cloudwatch_log_group.app.arn}:*"]
  }
}

data "aws_iam_policy_document" "assume_role" {
  version = "2012-10-17"

  statement {
    sid     = "Lambda"
    effect  = "Allow"
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["lambda.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "app" {
  name_prefix        = local.app
  assume_role_policy = data.aws_iam_policy_document.assume_role.json
}

resource "aws_iam_role_policy" "app" {
  name   = local.app
  role   = aws_iam_role.app.id
  policy = data.aws_iam_policy_document.app.json
}

resource "aws_apigatewayv2_api" "app" {
  name          = local.app
  protocol_type = "HTTP"
}

resource "aws_apigatewayv2_integration" "app" {
  api_id                 = aws_apigatewayv2_api.app.id
  integration_type       = "AWS_PROXY"
  integration_uri        = aws_lambda_function.app.invoke_arn
  payload_format_version = "2.0"
}

resource "aws_apigatewayv2_route" "app" {
  api_id    = aws_apigatewayv2_api.app.id
  route_key = "POST /thumbnails"
  target    = "integrations/${aws_apigatewayv2_integration.app.id}"
}

resource "aws_apigatewayv2_stage" "app" {
  api_id      = aws_apigatewayv2_api.app.id
  name        = "$default"
  auto_deploy = true

  default_route_settings {
    throttling_burst_limit = 20
    throttling_rate_limit  = 10
  }

  access_log_settings {
    destination_arn = aws_cloudwatch_log_group.access.arn
    format          = local.access_log_format
  }
}

locals {
  access_log_format = jsonencode({
    request = {
      id   = "$context.requestId"
      time = "$context.requestTime"
      from = "$context.identity.sourceIp"
      what = "$context.httpMethod $context.routeKey"
    }
    response = {
      status = "$context.status"
      bytes  = "$context.responseLength"
    }
  })
}

resource "aws_cloudwatch_log_group" "access" {
  name              = "/aws/vendedlogs/${local.app}"
  retention_in_days = 14
}

resource "aws_lambda_permission" "app" {
  action        = "lambda:InvokeFunction"
  function_name = aws_lambda_function.app.function_name
  principal     = "apigateway.amazonaws.com"
  source_arn    = "${aws_apigatewayv2_api.app.execution_arn}/*/*"
}
