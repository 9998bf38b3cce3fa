import json


def _reference(event):
    return event["requestContext"]["requestId"]


def lambda_handler(event, context):
    return {"statusCode": 202, "body": json.dumps({"reference": _reference(event)})}
