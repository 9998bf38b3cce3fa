data "archive_file" "this" {
  for_each = toset(["authorize", "partner", "audit", "members"])

  type                    = "zip"
  source_content_filename = "index.js"
  source_content          = each.key == "members" ? local.api_source : local.authorizer_source
  output_path             = "${path.root}/zip/${each.value}.zip"
}

locals {
  api_source        = "exports.handler = async () => ({ ok: true });"
  authorizer_source = "module.exports.handler = async (event) => ({ isAuthorized: Boolean(event.headers) });"
}

resource "aws_lambda_function" "this" {
  for_each = data.archive_file.this

  function_name    = "members-${each.key}"
  role             = aws_iam_role.function.arn
  runtime          = "nodejs22.x"
  handler          = "index.handler"
  architectures    = ["arm64"]
  memory_size      = each.key == "members" ? 512 : 128
  timeout          = 5
  filename         = each.value.output_path
  source_code_hash = each.value.output_base64sha256
}

resource "aws_cloudwatch_log_group" "this" {
  for_each = data.archive_file.this

  name              = "/aws/lambda/members-${each.key}"
  retention_in_days = 14
}

resource "aws_iam_role" "function" {
  name = "members-function"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "lambda.amazonaws.com" } }]
  })
}

resource "aws_iam_policy_attachment" "function" {
  name       = "members-function"
  roles      = [aws_iam_role.function.name]
  policy_arn = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"
}
