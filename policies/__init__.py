"""Policy as code for a serverless HTTP API on AWS, written in Terraform."""

__version__ = "0.1.0"
