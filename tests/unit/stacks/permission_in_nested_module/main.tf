provider "aws" {
  region = "eu-south-1"
}

module "app" {
  source = "./modules/app"

  name = "library"

  endpoints = {
    books = {
      keys = ["GET /books", "GET /books/{isbn}"]
    }
    loans = {
      keys = ["GET /loans", "POST /loans", "DELETE /loans/{id}"]
      env  = { LIMIT = "5" }
    }
  }
}

output "endpoint" {
  value = module.app.endpoint
}

output "books_url" {
  value = format("%s/books", module.app.endpoint)
}
