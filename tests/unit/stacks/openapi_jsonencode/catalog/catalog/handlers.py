import json
import os

TABLE = os.environ.get("TABLE", "products")


def browse(event, context):
    return {"statusCode": 200, "body": json.dumps([])}


def create(event, context):
    return {"statusCode": 201, "body": event["body"]}


def search(event, context):
    return {"statusCode": 200, "body": json.dumps({"query": event.get("rawQueryString", ""), "table": TABLE})}
