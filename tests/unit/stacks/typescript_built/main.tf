provider "aws" {
  region = "eu-west-1"
}

resource "terraform_data" "build" {
  triggers_replace = sha256(join("", [for file in fileset("${path.module}/src", "**/*.ts") : filesha256("${path.module}/src/${file}")]))

  provisioner "local-exec" {
    working_dir = path.module
    command     = "npx esbuild src/*.ts --bundle --platform=node --outdir=dist"
  }
}

data "archive_file" "dist" {
  type        = "zip"
  source_dir  = "${path.module}/dist"
  output_path = "${path.module}/dist.zip"

  depends_on = [terraform_data.build]
}

data "archive_file" "sources" {
  type        = "zip"
  source_dir  = "${path.module}/src"
  output_path = "${path.module}/src.zip"
}

locals {
  functions = {
    bundled   = data.archive_file.dist
    unbundled = data.archive_file.sources
  }
}

resource "aws_lambda_function" "this" {
  for_each = local.functions

  function_name    = "books-${each.key}"
  role             = aws_iam_role.this.arn
  runtime          = "nodejs22.x"
  handler          = "books.handler"
  architectures    = ["arm64"]
  memory_size      = 256
  timeout          = 10
  filename         = each.value.output_path
  source_code_hash = each.value.output_base64sha256
}

resource "aws_cloudwatch_log_group" "this" {
  for_each = local.functions

  name              = "/aws/lambda/books-${each.key}"
  retention_in_days = 14
}

resource "aws_iam_role" "this" {
  name = "books"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "lambda.amazonaws.com" } }]
  })
}

resource "aws_apigatewayv2_api" "this" {
  name          = "books"
  protocol_type = "HTTP"
}

resource "aws_apigatewayv2_integration" "this" {
  for_each = local.functions

  api_id                 = aws_apigatewayv2_api.this.id
  integration_type       = "AWS_PROXY"
  integration_uri        = aws_lambda_function.this[each.key].invoke_arn
  payload_format_version = "2.0"
}

resource "aws_apigatewayv2_route" "this" {
  for_each = local.functions

  api_id    = aws_apigatewayv2_api.this.id
  route_key = "GET /${each.key}"
  target    = "integrations/${aws_apigatewayv2_integration.this[each.key].id}"
}

resource "aws_apigatewayv2_stage" "this" {
  api_id      = aws_apigatewayv2_api.this.id
  name        = "$default"
  auto_deploy = true

  access_log_settings {
    destination_arn = aws_cloudwatch_log_group.access.arn
    format          = local.log_format
  }
}

locals {
  log_format = replace(replace(file("${path.module}/log-format.json"), "\n", ""), "  ", "")
}

resource "aws_cloudwatch_log_group" "access" {
  name              = "/books/access"
  retention_in_days = 14
}

resource "aws_lambda_permission" "this" {
  for_each = local.functions

  action        = "lambda:InvokeFunction"
  function_name = aws_lambda_function.this[each.key].function_name
  principal     = "apigateway.amazonaws.com"
  source_arn    = "${aws_apigatewayv2_api.this.execution_arn}/*/*"
}
