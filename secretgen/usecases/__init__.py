"""The use cases: what a command does, as values. Nothing here prints or exits."""
