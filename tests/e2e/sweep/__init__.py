"""What killed runs of the end-to-end tests left: `python -m tests.e2e.sweep`."""
