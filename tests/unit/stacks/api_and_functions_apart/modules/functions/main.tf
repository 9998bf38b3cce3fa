locals {
  functions = toset(["invoices", "payments"])
}

data "archive_file" "package" {
  for_each    = local.functions
  type        = "zip"
  source_file = "${path.module}/src/${each.value}.py"
  output_path = "${path.module}/.build/${each.value}.zip"
}

resource "aws_iam_role" "function" {
  for_each = local.functions
  name     = "${var.name_prefix}-${each.value}"

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "lambda.amazonaws.com" }
    }]
  })
}

resource "aws_iam_role_policy_attachment" "logs" {
  for_each   = local.functions
  role       = aws_iam_role.function[each.value].name
  policy_arn = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"
}

resource "aws_lambda_function" "function" {
  for_each         = local.functions
  function_name    = "${var.name_prefix}-${each.value}"
  role             = aws_iam_role.function[each.value].arn
  runtime          = "python3.13"
  handler          = "${each.value}.lambda_handler"
  architectures    = ["arm64"]
  memory_size      = 256
  timeout          = 20
  filename         = data.archive_file.package[each.value].output_path
  source_code_hash = data.archive_file.package[each.value].output_base64sha256
}

resource "aws_cloudwatch_log_group" "function" {
  for_each          = local.functions
  name              = "/aws/lambda/${aws_lambda_function.function[each.value].function_name}"
  retention_in_days = 90
}
