region      = "eu-west-1"
environment = "prod"

settings = {
  memory_size        = 1024
  timeout            = 29
  log_retention_days = 10 # ten days, which CloudWatch does not offer
  cors_origins       = ["https://notes.example.com"]
}
