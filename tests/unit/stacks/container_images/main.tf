variable "image_tag" {
  description = "What the pipeline has pushed"
  type        = string
}

provider "aws" {
  region = "eu-west-3"
}

resource "aws_ecr_repository" "api" {
  name                 = "reports-api"
  image_tag_mutability = "IMMUTABLE"
}

data "aws_ecr_image" "worker" {
  repository_name = "reports-worker"
  image_tag       = var.image_tag
}

resource "aws_lambda_function" "api" {
  function_name = "reports-api"
  role          = aws_iam_role.function["api"].arn
  package_type  = "Image"
  image_uri     = "${aws_ecr_repository.api.repository_url}:${var.image_tag}"
  architectures = ["arm64"]
  memory_size   = 2048
  timeout       = 29

  image_config {
    command = ["reports.handler"]
  }

  logging_config {
    log_format = "JSON"
    log_group  = aws_cloudwatch_log_group.api.name
  }
}

resource "aws_lambda_function" "worker" {
  function_name = "reports-worker"
  role          = aws_iam_role.function["worker"].arn
  package_type  = "Image"
  image_uri     = data.aws_ecr_image.worker.image_uri
  architectures = ["arm64"]
  memory_size   = 3008
  timeout       = 900
}

resource "aws_cloudwatch_log_group" "api" {
  name              = "/reports/api"
  retention_in_days = 180
}

resource "aws_cloudwatch_log_group" "worker" {
  name              = "/aws/lambda/${aws_lambda_function.worker.function_name}"
  retention_in_days = 180
}

resource "aws_iam_role" "function" {
  for_each = toset(["api", "worker"])

  name = "reports-${each.key}"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = ""
        Effect    = "Allow"
        Action    = "sts:AssumeRole"
        Principal = { Service = "lambda.amazonaws.com" }
      },
    ]
  })
}

resource "aws_iam_role_policy_attachment" "function" {
  for_each = {
    for pair in setproduct(["api", "worker"], ["AWSLambdaBasicExecutionRole", "AWSLambdaSQSQueueExecutionRole"]) :
    join("-", pair) => pair
  }

  role       = aws_iam_role.function[each.value[0]].name
  policy_arn = "arn:aws:iam::aws:policy/service-role/${each.value[1]}"
}

resource "aws_apigatewayv2_api" "api" {
  name          = "reports"
  protocol_type = "HTTP"
}

resource "aws_apigatewayv2_integration" "api" {
  api_id                 = aws_apigatewayv2_api.api.id
  integration_type       = "AWS_PROXY"
  integration_uri        = aws_lambda_function.api.invoke_arn
  payload_format_version = "2.0"
  timeout_milliseconds   = 30000
}

# The other integration hands the report over to a queue: no function, no permission.
resource "aws_sqs_queue" "reports" {
  name                       = "reports"
  visibility_timeout_seconds = 5400
}

resource "aws_iam_role" "queue" {
  name = "reports-queue"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "apigateway.amazonaws.com" }
    }]
  })
}

resource "aws_iam_role_policy" "queue" {
  role = aws_iam_role.queue.id
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sqs:SendMessage", Resource = aws_sqs_queue.reports.arn }]
  })
}

resource "aws_apigatewayv2_integration" "queue" {
  api_id              = aws_apigatewayv2_api.api.id
  integration_type    = "AWS_PROXY"
  integration_subtype = "SQS-SendMessage"
  credentials_arn     = aws_iam_role.queue.arn

  request_parameters = {
    QueueUrl    = aws_sqs_queue.reports.url
    MessageBody = "$request.body"
  }
}

resource "aws_apigatewayv2_route" "this" {
  for_each = {
    "GET /reports/{id}" = aws_apigatewayv2_integration.api.id
    "POST /reports"     = aws_apigatewayv2_integration.queue.id
  }

  api_id    = aws_apigatewayv2_api.api.id
  route_key = each.key
  target    = "integrations/${each.value}"
}

resource "aws_apigatewayv2_stage" "api" {
  api_id      = aws_apigatewayv2_api.api.id
  name        = "v1"
  auto_deploy = true

  access_log_settings {
    destination_arn = aws_cloudwatch_log_group.access.arn
    format = jsonencode({
      requestId : "$context.requestId"
      sourceIp : "$context.identity.sourceIp"
      requestTime : "$context.requestTime"
      httpMethod : "$context.httpMethod"
      routeKey : "$context.routeKey"
      status : "$context.status"
      responseLength : "$context.responseLength"
    })
  }
}

resource "aws_cloudwatch_log_group" "access" {
  name              = "/reports/access"
  retention_in_days = 180
  log_group_class   = "INFREQUENT_ACCESS"
}

resource "aws_lambda_permission" "api" {
  statement_id  = "AllowHttpApi"
  action        = "lambda:InvokeFunction"
  function_name = aws_lambda_function.api.function_name
  principal     = "apigateway.amazonaws.com"
  source_arn    = "${aws_apigatewayv2_api.api.execution_arn}/*/*"
}

resource "aws_lambda_event_source_mapping" "worker" {
  event_source_arn = aws_sqs_queue.reports.arn
  function_name    = aws_lambda_function.worker.arn
}

output "reports_url" {
  value = "${aws_apigatewayv2_stage.api.invoke_url}/reports"
}
