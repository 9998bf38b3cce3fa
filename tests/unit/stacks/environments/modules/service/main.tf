locals {
  name = "notes-${var.environment}"
}

data "archive_file" "code" {
  type        = "zip"
  source_dir  = "${path.module}/../../src"
  output_path = "${path.module}/notes-${var.environment}.zip"
}

resource "aws_lambda_function" "notes" {
  function_name    = local.name
  role             = aws_iam_role.notes.arn
  runtime          = "nodejs22.x"
  handler          = "notes.handler"
  architectures    = ["arm64"]
  memory_size      = var.settings.memory_size
  timeout          = var.settings.timeout
  filename         = data.archive_file.code.output_path
  source_code_hash = data.archive_file.code.output_base64sha256

  environment {
    variables = {
      ENVIRONMENT = var.environment
    }
  }
}

resource "aws_iam_role" "notes" {
  name = local.name
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "lambda.amazonaws.com" } }]
  })
}

resource "aws_iam_role_policy_attachment" "notes" {
  role       = aws_iam_role.notes.id
  policy_arn = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"
}

resource "aws_cloudwatch_log_group" "this" {
  for_each = {
    function = "/aws/lambda/${local.name}"
    api      = "/aws/apigateway/${local.name}"
  }

  name              = each.value
  retention_in_days = var.settings.log_retention_days
}

resource "aws_apigatewayv2_api" "notes" {
  name          = local.name
  protocol_type = "HTTP"

  dynamic "cors_configuration" {
    for_each = length(var.settings.cors_origins) == 0 ? [] : [1]

    content {
      allow_origins = var.settings.cors_origins
      allow_methods = ["*"]
      max_age       = 600
    }
  }
}

resource "aws_apigatewayv2_integration" "notes" {
  api_id                 = aws_apigatewayv2_api.notes.id
  integration_type       = "AWS_PROXY"
  integration_uri        = aws_lambda_function.notes.invoke_arn
  payload_format_version = "2.0"
  timeout_milliseconds   = min(30, var.settings.timeout + 1) * 1000
}

resource "aws_apigatewayv2_route" "notes" {
  for_each = toset(["GET /notes", "POST /notes", "DELETE /notes/{id}"])

  api_id    = aws_apigatewayv2_api.notes.id
  route_key = each.value
  target    = "integrations/${aws_apigatewayv2_integration.notes.id}"
}

resource "aws_apigatewayv2_stage" "notes" {
  api_id      = aws_apigatewayv2_api.notes.id
  name        = "$default"
  auto_deploy = true

  dynamic "access_log_settings" {
    for_each = var.settings.access_logs ? [aws_cloudwatch_log_group.this["api"].arn] : []
    iterator = group

    content {
      destination_arn = group.value
      format = jsonencode({
        "requestId"      = "$context.requestId",
        "sourceIp"       = "$context.identity.sourceIp",
        "requestTime"    = "$context.requestTime",
        "httpMethod"     = "$context.httpMethod",
        "routeKey"       = "$context.routeKey",
        "status"         = "$context.status",
        "responseLength" = "$context.responseLength",
        "environment"    = var.environment,
      })
    }
  }
}

resource "aws_lambda_permission" "notes" {
  action        = "lambda:InvokeFunction"
  function_name = aws_lambda_function.notes.function_name
  principal     = "apigateway.amazonaws.com"
  source_arn    = "${aws_apigatewayv2_api.notes.execution_arn}/*/*"
}

output "url" {
  value = trimsuffix(aws_apigatewayv2_stage.notes.invoke_url, "/")
}
