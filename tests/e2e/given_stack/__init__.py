"""Somebody else's stack: `tox -e e2e -- --stack DIR --request "GET /path" --expect 200`.

A copy of the repository that the root module is in is deployed on the local endpoint, and gets the checks of
`checks.py`. Nothing is written into the repository, and nothing leaves this machine.
"""
