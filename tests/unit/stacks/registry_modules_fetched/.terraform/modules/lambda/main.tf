data "aws_partition" "current" {}

locals {
  create   = var.create && var.create_function
  filename = var.local_existing_package
  role     = local.create && var.create_role ? aws_iam_role.lambda[0].arn : var.lambda_role
}

resource "aws_lambda_function" "this" {
  count = local.create ? 1 : 0

  function_name = var.function_name
  description   = var.description
  role          = local.role
  handler       = var.package_type != "Zip" ? null : var.handler
  runtime       = var.package_type != "Zip" ? null : var.runtime
  package_type  = var.package_type
  architectures = var.architectures
  memory_size   = var.memory_size
  timeout       = var.timeout
  publish       = (var.lambda_at_edge || var.snap_start) ? true : var.publish
  layers        = var.layers
  filename      = local.filename

  source_code_hash = var.ignore_source_code_hash ? null : (local.filename == null ? false : fileexists(local.filename)) ? filebase64sha256(local.filename) : null

  dynamic "environment" {
    for_each = length(keys(var.environment_variables)) == 0 ? [] : [true]
    content {
      variables = var.environment_variables
    }
  }

  dynamic "dead_letter_config" {
    for_each = var.dead_letter_target_arn == null ? [] : [true]
    content {
      target_arn = var.dead_letter_target_arn
    }
  }

  depends_on = [aws_cloudwatch_log_group.lambda]
}

resource "aws_cloudwatch_log_group" "lambda" {
  count = local.create && !var.use_existing_cloudwatch_log_group ? 1 : 0

  name              = coalesce(var.logging_log_group, "/aws/lambda/${var.lambda_at_edge ? "us-east-1." : ""}${var.function_name}")
  retention_in_days = var.cloudwatch_logs_retention_in_days
}

resource "aws_lambda_permission" "current_version" {
  for_each = { for name, trigger in var.allowed_triggers : name => trigger if local.create && var.create_current_version_allowed_triggers }

  function_name = aws_lambda_function.this[0].function_name
  qualifier     = aws_lambda_function.this[0].version
  statement_id  = try(each.value.statement_id, each.key)
  action        = try(each.value.action, "lambda:InvokeFunction")
  principal     = try(each.value.principal, format("%s.amazonaws.com", try(each.value.service, "")))
  source_arn    = try(each.value.source_arn, null)
}

resource "aws_lambda_permission" "unqualified" {
  for_each = { for name, trigger in var.allowed_triggers : name => trigger if local.create && var.create_unqualified_alias_allowed_triggers }

  function_name  = aws_lambda_function.this[0].function_name
  statement_id   = try(each.value.statement_id, each.key)
  action         = try(each.value.action, "lambda:InvokeFunction")
  principal      = try(each.value.principal, format("%s.amazonaws.com", try(each.value.service, "")))
  source_arn     = try(each.value.source_arn, null)
  source_account = try(each.value.source_account, null)
}

data "aws_iam_policy_document" "assume_role" {
  count = local.create && var.create_role ? 1 : 0

  dynamic "statement" {
    for_each = concat([{ type = "Service", identifiers = distinct(concat(["lambda.amazonaws.com"], var.lambda_at_edge ? ["edgelambda.amazonaws.com"] : [])) }], var.trusted_entities)

    content {
      effect  = "Allow"
      actions = ["sts:AssumeRole"]
      principals {
        type        = statement.value.type
        identifiers = statement.value.identifiers
      }
    }
  }
}

resource "aws_iam_role" "lambda" {
  count = local.create && var.create_role ? 1 : 0

  name               = coalesce(var.role_name, var.function_name, "*")
  assume_role_policy = data.aws_iam_policy_document.assume_role[0].json
}

data "aws_iam_policy_document" "logs" {
  count = local.create && var.create_role && var.attach_cloudwatch_logs_policy ? 1 : 0

  statement {
    effect  = "Allow"
    actions = compact([var.use_existing_cloudwatch_log_group ? "logs:CreateLogGroup" : "", "logs:CreateLogStream", "logs:PutLogEvents"])

    resources = flatten([for suffix in ["%v:*", "%v:*:*"] : formatlist(suffix, [aws_cloudwatch_log_group.lambda[0].arn])])
  }
}

resource "aws_iam_policy" "logs" {
  count = local.create && var.create_role && var.attach_cloudwatch_logs_policy ? 1 : 0

  name   = "${var.function_name}-logs"
  policy = data.aws_iam_policy_document.logs[0].json
}

resource "aws_iam_role_policy_attachment" "logs" {
  count = local.create && var.create_role && var.attach_cloudwatch_logs_policy ? 1 : 0

  role       = aws_iam_role.lambda[0].name
  policy_arn = aws_iam_policy.logs[0].arn
}

resource "aws_iam_role_policy_attachment" "additional" {
  for_each = { for index, policy in var.policies : index => policy if local.create && var.create_role }

  role       = aws_iam_role.lambda[0].name
  policy_arn = replace(each.value, "arn:aws:", "arn:${data.aws_partition.current.partition}:")
}
