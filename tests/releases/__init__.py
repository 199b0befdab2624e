"""Environments that a release rendered, kept as they are: the next release must lose none of them."""
