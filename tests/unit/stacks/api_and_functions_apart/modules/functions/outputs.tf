output "names" {
  value = { for key, function in aws_lambda_function.function : key => function.function_name }
}

output "invoke_arns" {
  value = { for key, function in aws_lambda_function.function : key => function.invoke_arn }
}
