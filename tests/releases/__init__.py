"""Environments as a release rendered them: the next release must lose nothing of theirs."""
