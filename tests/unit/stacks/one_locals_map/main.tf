provider "aws" {
  region = "eu-west-1"
}

locals {
  environment = "prod"

  defaults = {
    runtime     = "nodejs22.x"
    handler     = "index.handler"
    memory_size = 256
    timeout     = 10
    layers      = []
  }

  services = {
    orders = {
      routes      = ["GET /orders", "POST /orders", "GET /orders/{id}"]
      memory_size = 512
    }
    users = {
      routes  = ["ANY /users/{proxy+}"]
      handler = "src/users.handle"
      timeout = 29
    }
    export = {
      routes  = ["POST /exports"]
      timeout = 60
    }
  }

  functions = { for name, service in local.services : name => merge(local.defaults, service) }

  routes = flatten([
    for name, service in local.services : [
      for key in service.routes : {
        id       = replace(lower(key), "/[^a-z0-9]+/", "-")
        key      = key
        function = name
      }
    ]
  ])

  tags = merge({ Environment = local.environment }, { ManagedBy = "terraform" })
}

data "archive_file" "function" {
  for_each = local.functions

  type        = "zip"
  source_dir  = "functions/${each.key}"
  output_path = ".artifacts/${each.key}.zip"
  excludes    = ["test", "node_modules/.cache"]
}

resource "aws_lambda_function" "function" {
  for_each = local.functions

  function_name    = format("%s-%s", local.environment, each.key)
  role             = aws_iam_role.function[each.key].arn
  runtime          = each.value.runtime
  handler          = each.value.handler
  architectures    = ["arm64"]
  memory_size      = each.value.memory_size
  timeout          = each.value.timeout
  layers           = each.value.layers
  filename         = data.archive_file.function[each.key].output_path
  source_code_hash = data.archive_file.function[each.key].output_base64sha256
  tags             = local.tags
}

resource "aws_cloudwatch_log_group" "function" {
  for_each = local.functions

  name              = format("/aws/lambda/%s-%s", local.environment, each.key)
  retention_in_days = lookup(each.value, "retention", 14)
  tags              = local.tags
}

resource "aws_iam_role" "function" {
  for_each = local.functions

  name               = join("-", [local.environment, each.key, "lambda"])
  assume_role_policy = <<-EOF
    {
      "Version": "2012-10-17",
      "Statement": [
        {
          "Effect": "Allow",
          "Principal": { "Service": "lambda.amazonaws.com" },
          "Action": "sts:AssumeRole"
        }
      ]
    }
  EOF
}

resource "aws_iam_role_policy" "function" {
  for_each = aws_iam_role.function

  name = "logs"
  role = each.value.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect   = "Allow"
        Action   = ["logs:CreateLogStream", "logs:PutLogEvents"]
        Resource = "${aws_cloudwatch_log_group.function[each.key].arn}:*"
      },
    ]
  })
}

resource "aws_apigatewayv2_api" "api" {
  name          = "${local.environment}-api"
  protocol_type = "HTTP"
  tags          = local.tags
}

resource "aws_apigatewayv2_integration" "function" {
  for_each = local.functions

  api_id                 = aws_apigatewayv2_api.api.id
  integration_type       = "AWS_PROXY"
  integration_uri        = aws_lambda_function.function[each.key].arn
  payload_format_version = "2.0"
}

resource "aws_apigatewayv2_route" "route" {
  for_each = { for route in local.routes : route.id => route }

  api_id    = aws_apigatewayv2_api.api.id
  route_key = each.value.key
  target    = "integrations/${aws_apigatewayv2_integration.function[each.value.function].id}"
}

resource "aws_lambda_permission" "function" {
  for_each = local.services

  action        = "lambda:InvokeFunction"
  function_name = aws_lambda_function.function[each.key].arn
  principal     = "apigateway.amazonaws.com"
  source_arn    = format("%s/*/*", aws_apigatewayv2_api.api.execution_arn)
}

resource "aws_apigatewayv2_stage" "stage" {
  api_id      = aws_apigatewayv2_api.api.id
  name        = "$default"
  auto_deploy = true

  access_log_settings {
    destination_arn = aws_cloudwatch_log_group.api.arn
    format = jsonencode(merge(
      {
        requestId   = "$context.requestId"
        sourceIp    = "$context.identity.sourceIp"
        requestTime = "$context.requestTime"
      },
      { for name in ["httpMethod", "routeKey", "status", "responseLength"] : name => "$context.${name}" },
    ))
  }
}

resource "aws_cloudwatch_log_group" "api" {
  name              = "/aws/apigw/${aws_apigatewayv2_api.api.name}"
  retention_in_days = 14
}
