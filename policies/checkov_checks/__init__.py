# Checkov loads checks only from a directory with this file, and never runs it.
