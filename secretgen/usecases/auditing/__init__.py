"""Compares a live account with the spec: what differs, what is broken, what is noteworthy."""
