import json
import os

BUCKET = os.environ.get("BUCKET", "")


def handler(event, context):
    """Takes the name of an image, gives the place of its thumbnail."""
    name = json.loads(event["body"])["name"]
    return {"statusCode": 201, "headers": {"Location": f"s3://{BUCKET}/{name}"}}
