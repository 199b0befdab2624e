"""What the templates see: flat data, everything decided, nothing left to compute.

A value that stands for HCL code (a reference, a call) is an `Expression`; every other value is
data, and the `hcl` filter writes it as a literal.
"""

VERSION = 1
"""Version of what the templates see; templates of a user's own name the one they are made for.

It is raised when a template that was right could be wrong now: a name went, or means something
else. New names do not raise it.
"""
