provider "aws" {
  region = "eu-central-1"
}

data "archive_file" "code" {
  type        = "zip"
  source_dir  = "${path.module}/code"
  output_path = "${path.module}/code.zip"
}

locals {
  functions = ["orders", "payments", "reports", "search"]
}

resource "aws_lambda_function" "fn" {
  count            = length(local.functions)
  function_name    = "shop-${local.functions[count.index]}"
  role             = aws_iam_role.fn.arn
  runtime          = "python3.13"
  handler          = "shop.${local.functions[count.index]}"
  architectures    = ["arm64"]
  memory_size      = 256
  timeout          = 10
  publish          = true
  filename         = data.archive_file.code.output_path
  source_code_hash = data.archive_file.code.output_base64sha256
}

resource "aws_cloudwatch_log_group" "fn" {
  count             = length(local.functions)
  name              = "/aws/lambda/${aws_lambda_function.fn[count.index].function_name}"
  retention_in_days = 30
}

resource "aws_iam_role" "fn" {
  name = "shop"
  assume_role_policy = jsonencode({
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "lambda.amazonaws.com" } }]
    Version   = "2012-10-17"
  })
}

# orders: an alias that a deployment tool moves, called and permitted as such.
resource "aws_lambda_alias" "orders" {
  name             = "live"
  function_name    = aws_lambda_function.fn[0].function_name
  function_version = aws_lambda_function.fn[0].version

  lifecycle {
    ignore_changes = [function_version, routing_config]
  }
}

resource "aws_lambda_provisioned_concurrency_config" "orders" {
  function_name                     = aws_lambda_alias.orders.function_name
  qualifier                         = aws_lambda_alias.orders.name
  provisioned_concurrent_executions = 2
}

resource "aws_lambda_permission" "orders" {
  action        = "lambda:InvokeFunction"
  function_name = aws_lambda_function.fn[0].function_name
  qualifier     = aws_lambda_alias.orders.name
  principal     = "apigateway.amazonaws.com"
  source_arn    = "${aws_apigatewayv2_api.shop.execution_arn}/*/*"
}

# payments: the alias is called, and only the function without it is permitted.
resource "aws_lambda_alias" "payments" {
  name             = "live"
  function_name    = aws_lambda_function.fn[1].arn
  function_version = aws_lambda_function.fn[1].version
}

resource "aws_lambda_permission" "payments" {
  action        = "lambda:InvokeFunction"
  function_name = aws_lambda_function.fn[1].function_name
  principal     = "apigateway.amazonaws.com"
  source_arn    = "${aws_apigatewayv2_api.shop.execution_arn}/*/*"
}

# reports: always the version that was published last.
resource "aws_lambda_permission" "reports" {
  action        = "lambda:InvokeFunction"
  function_name = aws_lambda_function.fn[2].function_name
  qualifier     = aws_lambda_function.fn[2].version
  principal     = "apigateway.amazonaws.com"
  source_arn    = "${aws_apigatewayv2_api.shop.execution_arn}/*/*"

  lifecycle {
    create_before_destroy = true
  }
}

# search: name and alias in one.
resource "aws_lambda_alias" "search" {
  name             = "live"
  function_name    = aws_lambda_function.fn[3].function_name
  function_version = "$LATEST"
}

resource "aws_lambda_permission" "search" {
  action        = "lambda:InvokeFunction"
  function_name = "${aws_lambda_function.fn[3].function_name}:${aws_lambda_alias.search.name}"
  principal     = "apigateway.amazonaws.com"
  source_arn    = "${aws_apigatewayv2_api.shop.execution_arn}/*/*"
}
