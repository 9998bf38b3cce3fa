import json

INVOICES = [{"id": "1", "total": "12.50"}]


def lambda_handler(event, context):
    number = (event.get("pathParameters") or {}).get("id")
    found = [invoice for invoice in INVOICES if number in (None, invoice["id"])]
    return {"statusCode": 200 if found else 404, "body": json.dumps(found)}
