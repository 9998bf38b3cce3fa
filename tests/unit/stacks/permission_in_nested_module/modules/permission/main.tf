variable "function_name" {
  type = string
}

variable "execution_arn" {
  type = string
}

resource "aws_lambda_permission" "this" {
  statement_id  = "AllowExecutionFromHttpApi"
  action        = "lambda:InvokeFunction"
  function_name = var.function_name
  principal     = "apigateway.amazonaws.com"
  source_arn    = "${var.execution_arn}/*/*"
}
