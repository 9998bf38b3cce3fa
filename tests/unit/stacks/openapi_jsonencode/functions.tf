data "archive_file" "catalog" {
  type        = "zip"
  source_dir  = "${path.module}/catalog"
  output_path = "${path.module}/catalog.zip"
}

resource "aws_lambda_function" "catalog" {
  for_each = {
    browse = 256
    create = 512
    search = 1024
  }

  function_name    = "${local.project}-${each.key}"
  role             = aws_iam_role.catalog.arn
  runtime          = "python3.12"
  handler          = "catalog.handlers.${each.key}"
  architectures    = ["arm64"]
  memory_size      = each.value
  timeout          = 14
  filename         = data.archive_file.catalog.output_path
  source_code_hash = filebase64sha256(data.archive_file.catalog.output_path)
}

resource "aws_cloudwatch_log_group" "catalog" {
  for_each = toset(["browse", "create", "search"])

  name              = "/aws/lambda/${local.project}-${each.value}"
  retention_in_days = 60
}

resource "aws_lambda_permission" "catalog" {
  for_each = toset(["browse", "create"])

  action        = "lambda:InvokeFunction"
  function_name = aws_lambda_function.catalog[each.key].function_name
  principal     = "apigateway.amazonaws.com"
  source_arn    = "${aws_apigatewayv2_api.catalog.execution_arn}/*/*"
}

resource "aws_lambda_permission" "search" {
  action        = "lambda:InvokeFunction"
  function_name = aws_lambda_function.catalog["search"].function_name
  principal     = "apigateway.amazonaws.com"
  source_arn    = "${aws_apigatewayv2_api.catalog.execution_arn}/*/*/search"
}

resource "aws_iam_role" "catalog" {
  name               = local.project
  assume_role_policy = data.aws_iam_policy_document.trust.json
}

data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "Service"
      identifiers = ["lambda.amazonaws.com"]
    }
  }
}

data "aws_iam_policy_document" "table" {
  statement {
    sid       = "Table"
    actions   = ["dynamodb:GetItem", "dynamodb:Query", "dynamodb:PutItem"]
    resources = [aws_dynamodb_table.products.arn, "${aws_dynamodb_table.products.arn}/index/*"]
  }
  statement {
    sid       = "Logs"
    actions   = ["logs:CreateLogStream", "logs:PutLogEvents"]
    resources = [for group in aws_cloudwatch_log_group.catalog : "${group.arn}:*"]
  }
}

resource "aws_iam_policy" "catalog" {
  name   = local.project
  policy = data.aws_iam_policy_document.table.json
}

resource "aws_iam_role_policy_attachment" "catalog" {
  role       = aws_iam_role.catalog.name
  policy_arn = aws_iam_policy.catalog.arn
}

resource "aws_dynamodb_table" "products" {
  name         = "${local.project}-products"
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "id"

  attribute {
    name = "id"
    type = "S"
  }
}
