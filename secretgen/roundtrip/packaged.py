"""The HCL of the module as it is packaged: no spec has a say in it, and each was parsed before."""

from __future__ import annotations

from functools import cache

from secretgen.render.overlay import packaged_templates

SUMS = "module.sum"
"""Next to the templates: a line for each file of the module, as `sha256sum` writes it."""


@cache
def parsed_before() -> frozenset[str]:
    """Returns the SHA-256 of the bodies of files that are known to be HCL, in hexadecimal."""
    lines = (packaged_templates() / SUMS).read_text(encoding="utf-8").splitlines()
    return frozenset(line.partition(" ")[0] for line in lines)
