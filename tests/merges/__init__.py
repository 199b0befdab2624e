"""Branches of one environment, merged in real Git repositories."""
