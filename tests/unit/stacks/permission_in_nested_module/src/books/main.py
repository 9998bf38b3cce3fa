BOOKS = {}


def handler(event, _context):
    return BOOKS.get((event.get("pathParameters") or {}).get("isbn"), list(BOOKS))
