provider "aws" {
  region = "us-east-1"
}

resource "aws_iam_role" "lambda_role" {
    name = "my-lambda-role"
    assume_role_policy = <<EOF
{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Action": "sts:AssumeRole",
      "Principal": {
        "Service": ["lambda.amazonaws.com", "ec2.amazonaws.com"]
      },
      "Effect": "Allow",
      "Sid": ""
    }
  ]
}
EOF
}

resource "aws_iam_role_policy_attachment" "dynamo" {
    role = "${aws_iam_role.lambda_role.name}"
    policy_arn = "arn:aws:iam::aws:policy/AmazonDynamoDBFullAccess"
}

data "archive_file" "api_zip" {
    type = "zip"
    source_dir = "${path.module}/api"
    output_path = "${path.module}/api.zip"
}

data "archive_file" "worker_zip" {
    type = "zip"
    source_dir = "${path.module}/worker"
    output_path = "${path.module}/worker.zip"
}

// the main function
resource "aws_lambda_function" "api" {
    function_name = "my-api"
    role = aws_iam_role.lambda_role.arn
    handler = "index.handler"
    runtime = "nodejs20.x"
    filename = "${path.module}/api.zip"
    source_code_hash = base64sha256("${path.module}/api.zip")
    timeout = 60
}

/* does the work,
   is called by the API too */
resource "aws_lambda_function" "worker" {
    function_name = "my-worker"
    role = aws_iam_role.lambda_role.arn
    handler = "worker.main"
    runtime = "nodejs22.x"
    architectures = ["x86_64"]
    filename = data.archive_file.worker_zip.output_path
    source_code_hash = data.archive_file.api_zip.output_base64sha256
    memory_size = 512
    timeout = 20

    lifecycle {
        ignore_changes = [tags]
    }
}

resource "aws_cloudwatch_log_group" "worker" {
    name = "/aws/lambda/worker"
}

resource "aws_cloudwatch_log_group" "access" {
    name = "api-access"
    retention_in_days = 0
}

resource "aws_apigatewayv2_api" "api" {
    name = "my-api"
    protocol_type = "HTTP"
    cors_configuration {
        allow_origins = ["*"]
        allow_methods = ["*"]
        allow_headers = ["*"]
        allow_credentials = true
    }
}

resource "aws_apigatewayv2_integration" "api" {
    api_id = aws_apigatewayv2_api.api.id
    integration_type = "AWS_PROXY"
    integration_uri = aws_lambda_function.api.invoke_arn
}

resource "aws_apigatewayv2_integration" "worker" {
    api_id = aws_apigatewayv2_api.api.id
    integration_type = "AWS_PROXY"
    integration_uri = aws_lambda_function.worker.invoke_arn
    payload_format_version = "2.0"
}

resource "aws_apigatewayv2_route" "api" {
    api_id = aws_apigatewayv2_api.api.id
    route_key = "$default"
    target = "integrations/${aws_apigatewayv2_integration.api.id}"
}

resource "aws_apigatewayv2_route" "worker" {
    api_id = aws_apigatewayv2_api.api.id
    route_key = "POST /work"
    target = "integrations/${aws_apigatewayv2_integration.worker.id}"
}

resource "aws_apigatewayv2_route" "soon" {
    api_id = aws_apigatewayv2_api.api.id
    route_key = "GET /soon"
}

resource "aws_apigatewayv2_stage" "default" {
    api_id = aws_apigatewayv2_api.api.id
    name = "$default"

    access_log_settings {
        destination_arn = aws_cloudwatch_log_group.access.arn
        format = "$context.identity.sourceIp - - [$context.requestTime] \"$context.httpMethod $context.routeKey $context.protocol\" $context.status $context.responseLength $context.requestId"
    }
}

resource "aws_lambda_permission" "api" {
    statement_id = "AllowExecutionFromAPIGateway"
    action = "lambda:InvokeFunction"
    function_name = aws_lambda_function.api.function_name
    principal = "apigateway.amazonaws.com"
    source_arn = "${aws_apigatewayv2_api.api.execution_arn}/*/*/*"
}

resource "aws_lambda_permission" "worker" {
    statement_id = "AllowExecutionFromAPIGateway"
    action = "lambda:InvokeFunction"
    function_name = aws_lambda_function.worker.function_name
    principal = "apigateway.amazonaws.com"
    source_arn = aws_apigatewayv2_stage.default.execution_arn
}

output "api_url" {
    value = "${aws_apigatewayv2_stage.default.invoke_url}/work"
}
