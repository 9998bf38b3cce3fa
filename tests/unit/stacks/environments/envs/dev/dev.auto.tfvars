region      = "eu-west-1"
environment = "dev"

settings = {
  memory_size        = 128
  log_retention_days = 3
  cors_origins       = ["*"]
}
