"""What the templates see: flat data, everything decided, nothing left to compute.

A value that stands for HCL code (a reference, a call) is an `Expression`; every other value is
data, and the `hcl` filter writes it as a literal.
"""
