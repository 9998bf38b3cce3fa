provider "aws" {
  region = "eu-west-1"
}

module "label" {
  source = "./label"

  namespace = "acme"
  stage     = "test"
  name      = "invoices"
  tags      = { CostCentre = "4711" }
}

module "function_label" {
  source = "./label"

  context    = module.label.context
  attributes = ["render"]
}

data "archive_file" "render" {
  type        = "zip"
  source_file = "${path.module}/render.py"
  output_path = "${path.module}/${module.function_label.id}.zip"
}

resource "aws_lambda_function" "render" {
  function_name    = module.function_label.id
  role             = aws_iam_role.render.arn
  runtime          = "python3.13"
  handler          = "render.handler"
  architectures    = ["arm64"]
  memory_size      = 512
  timeout          = 20
  filename         = data.archive_file.render.output_path
  source_code_hash = data.archive_file.render.output_base64sha256
  tags             = module.function_label.tags
}

resource "aws_cloudwatch_log_group" "render" {
  name              = "/aws/lambda/${module.function_label.id}"
  retention_in_days = 30
  tags              = module.function_label.tags
}

resource "aws_iam_role" "render" {
  name               = module.function_label.id
  assume_role_policy = one(data.aws_iam_policy_document.trust[*].json)
  tags               = module.function_label.tags
}

data "aws_iam_policy_document" "trust" {
  count = module.label.enabled ? 1 : 0

  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "Service"
      identifiers = ["lambda.amazonaws.com"]
    }
  }
}

resource "aws_iam_role_policy_attachment" "render" {
  role       = aws_iam_role.render.name
  policy_arn = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"
}

resource "aws_apigatewayv2_api" "this" {
  count = module.label.enabled ? 1 : 0

  name          = module.label.id
  protocol_type = "HTTP"
  tags          = module.label.tags
}

resource "aws_apigatewayv2_integration" "render" {
  count = module.label.enabled ? 1 : 0

  api_id                 = aws_apigatewayv2_api.this[0].id
  integration_type       = "AWS_PROXY"
  integration_uri        = aws_lambda_function.render.invoke_arn
  payload_format_version = "2.0"
}

resource "aws_apigatewayv2_route" "render" {
  count = module.label.enabled ? 1 : 0

  api_id    = aws_apigatewayv2_api.this[0].id
  route_key = "POST /invoices"
  target    = format("integrations/%s", aws_apigatewayv2_integration.render[0].id)
}

resource "aws_apigatewayv2_stage" "this" {
  count = module.label.enabled ? 1 : 0

  api_id      = aws_apigatewayv2_api.this[0].id
  name        = "$default"
  auto_deploy = true
  tags        = module.label.tags

  access_log_settings {
    destination_arn = aws_cloudwatch_log_group.access.arn
    format = jsonencode({
      requestId      = "$context.requestId"
      sourceIp       = "$context.identity.sourceIp"
      requestTime    = "$context.requestTime"
      httpMethod     = "$context.httpMethod"
      routeKey       = "$context.routeKey"
      status         = "$context.status"
      responseLength = "$context.responseLength"
    })
  }
}

resource "aws_cloudwatch_log_group" "access" {
  name              = "/aws/apigateway/${module.label.id}"
  retention_in_days = 30
}

resource "aws_lambda_permission" "render" {
  count = module.label.enabled ? 1 : 0

  action        = "lambda:InvokeFunction"
  function_name = aws_lambda_function.render.function_name
  principal     = "apigateway.amazonaws.com"
  source_arn    = "${join("", aws_apigatewayv2_api.this[*].execution_arn)}/*/*"
}
