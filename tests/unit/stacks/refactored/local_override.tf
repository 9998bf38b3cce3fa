# Meant for one machine, and committed.
resource "aws_cloudwatch_log_group" "access" {
  name_prefix       = "polls-"
  name              = null
  retention_in_days = 0
}
