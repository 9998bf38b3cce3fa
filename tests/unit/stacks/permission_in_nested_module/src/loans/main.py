class _Loans:
    def __call__(self, event, context):
        return {"statusCode": 204}


handler = _Loans()
