"""`routeproof lsp`: what the command line says, in an editor, as somebody types."""
