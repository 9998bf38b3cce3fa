provider "aws" {
  region = "sa-east-1"
}

resource "aws_s3_bucket" "packages" {
  bucket_prefix = "packages-"
  force_destroy = true
}

resource "aws_s3_bucket_versioning" "packages" {
  bucket = aws_s3_bucket.packages.id

  versioning_configuration {
    status = "Enabled"
  }
}

locals {
  functions = toset(["versioned", "addressed", "hashed", "stale", "elsewhere"])
}

data "archive_file" "package" {
  for_each = setsubtract(local.functions, ["elsewhere"])

  type        = "zip"
  source_dir  = "${path.module}/functions/${each.key}"
  output_path = "${path.module}/packages/${each.key}.zip"
}

# The object's version changes with its content.
resource "aws_s3_object" "versioned" {
  bucket = aws_s3_bucket_versioning.packages.bucket
  key    = "versioned.zip"
  source = data.archive_file.package["versioned"].output_path
  etag   = data.archive_file.package["versioned"].output_md5
}

resource "aws_lambda_function" "versioned" {
  function_name     = "versioned"
  s3_bucket         = aws_s3_object.versioned.bucket
  s3_key            = aws_s3_object.versioned.key
  s3_object_version = aws_s3_object.versioned.version_id
  role              = aws_iam_role.function.arn
  runtime           = "nodejs22.x"
  handler           = "index.handler"
  architectures     = ["arm64"]
  memory_size       = 256
  timeout           = 10
}

# The key has the content's hash in it.
resource "aws_s3_object" "addressed" {
  bucket = aws_s3_bucket.packages.id
  key    = "addressed/${data.archive_file.package["addressed"].output_md5}.zip"
  source = data.archive_file.package["addressed"].output_path
}

resource "aws_lambda_function" "addressed" {
  function_name = "addressed"
  s3_bucket     = aws_s3_bucket.packages.id
  s3_key        = aws_s3_object.addressed.id
  role          = aws_iam_role.function.arn
  runtime       = "nodejs22.x"
  handler       = "index.handler"
  architectures = ["arm64"]
  memory_size   = 256
  timeout       = 10
}

# The function has the content's hash, as everywhere else.
resource "aws_s3_object" "hashed" {
  bucket = aws_s3_bucket.packages.id
  key    = "hashed.zip"
  source = data.archive_file.package["hashed"].output_path
  etag   = filemd5(data.archive_file.package["hashed"].output_path)
}

resource "aws_lambda_function" "hashed" {
  function_name    = "hashed"
  s3_bucket        = aws_s3_bucket.packages.id
  s3_key           = aws_s3_object.hashed.key
  source_code_hash = data.archive_file.package["hashed"].output_base64sha256
  role             = aws_iam_role.function.arn
  runtime          = "nodejs22.x"
  handler          = "index.handler"
  architectures    = ["arm64"]
  memory_size      = 256
  timeout          = 10
}

# The object is uploaded anew, and the function never hears of it.
resource "aws_s3_object" "stale" {
  bucket = aws_s3_bucket.packages.id
  key    = "stale.zip"
  source = data.archive_file.package["stale"].output_path
  etag   = data.archive_file.package["stale"].output_md5
}

resource "aws_lambda_function" "stale" {
  function_name = "stale"
  s3_bucket     = aws_s3_bucket.packages.id
  s3_key        = aws_s3_object.stale.key
  role          = aws_iam_role.function.arn
  runtime       = "nodejs22.x"
  handler       = "index.main"
  architectures = ["arm64"]
  memory_size   = 256
  timeout       = 10
}

# Another pipeline uploads it.
variable "release" {
  type = string
}

resource "aws_lambda_function" "elsewhere" {
  function_name = "elsewhere"
  s3_bucket     = "releases-of-another-team"
  s3_key        = "elsewhere/${var.release}.zip"
  role          = aws_iam_role.function.arn
  runtime       = "nodejs22.x"
  handler       = "index.handler"
  architectures = ["arm64"]
  memory_size   = 256
  timeout       = 10
}

resource "aws_cloudwatch_log_group" "function" {
  for_each = local.functions

  name              = "/aws/lambda/${each.value}"
  retention_in_days = 30
}

resource "aws_iam_role" "function" {
  name               = "functions"
  assume_role_policy = data.aws_iam_policy_document.trust.json
}

data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "Service"
      identifiers = ["lambda.amazonaws.com"]
    }
  }
}

resource "aws_iam_role_policy_attachment" "function" {
  role       = aws_iam_role.function.name
  policy_arn = data.aws_iam_policy.basic.arn
}

data "aws_iam_policy" "basic" {
  arn = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"
}
