terraform {
  required_providers {
    aws     = { source = "hashicorp/aws" }
    archive = { source = "hashicorp/archive" }
  }
}

provider "aws" {
  region = "us-west-2"
}

data "archive_file" "code" {
  type        = "zip"
  output_path = "${path.module}/code.zip"

  source {
    filename = "app.mjs"
    content  = <<-JS
      export const hello = async (event) => ({ message: "hello", path: event.rawPath });
      export async function admin() {
        return { statusCode: 403 };
      }
    JS
  }
}

resource "aws_iam_role" "lambda" {
  name               = "quick"
  assume_role_policy = file("${path.module}/trust.json")
}

resource "aws_lambda_function" "this" {
  for_each = toset(["hello", "admin"])

  function_name    = "quick-${each.key}"
  role             = aws_iam_role.lambda.arn
  runtime          = "nodejs22.x"
  handler          = "app.${each.key}"
  architectures    = ["arm64"]
  memory_size      = 128
  timeout          = 5
  filename         = "${path.module}/code.zip"
  source_code_hash = data.archive_file.code.output_base64sha256

  depends_on = [data.archive_file.code]
}

resource "aws_cloudwatch_log_group" "this" {
  for_each = aws_lambda_function.this

  name              = "/aws/lambda/${each.value.function_name}"
  retention_in_days = 7
}

resource "aws_apigatewayv2_api" "hello" {
  name          = "quick-hello"
  protocol_type = "HTTP"
  target        = aws_lambda_function.this["hello"].arn
}

resource "aws_lambda_permission" "hello" {
  statement_id  = "apigw"
  action        = "lambda:InvokeFunction"
  function_name = aws_lambda_function.this["hello"].function_name
  principal     = "apigateway.amazonaws.com"
  source_arn    = "${aws_apigatewayv2_api.hello.execution_arn}/*/*"
}

# The route that AWS makes here is $default: /*/*/* leaves it out.
resource "aws_apigatewayv2_api" "admin" {
  name          = "quick-admin"
  protocol_type = "HTTP"
  target        = aws_lambda_function.this["admin"].arn

  cors_configuration {
    allow_origins     = ["*"]
    allow_credentials = true
  }
}

resource "aws_lambda_permission" "admin" {
  statement_id  = "apigw"
  action        = "lambda:InvokeFunction"
  function_name = aws_lambda_function.this["admin"].function_name
  principal     = "apigateway.amazonaws.com"
  source_arn    = "${aws_apigatewayv2_api.admin.execution_arn}/*/*/*"
}

resource "aws_apigatewayv2_api" "legacy" {
  name          = "quick-legacy"
  protocol_type = "HTTP"
  target        = "https://legacy.example.com"
}

output "url" {
  value = aws_apigatewayv2_api.hello.api_endpoint
}

output "greeting" {
  value = "${aws_apigatewayv2_api.hello.api_endpoint}/hello"
}
