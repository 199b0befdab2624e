"""Where the module blocks of an environment find their modules."""

from __future__ import annotations

from secretgen.model.layout import Layout


def source(layout: Layout, folder: str = "", *, protected: bool = True) -> str:
    """Path of a module variant; Terraform takes only literals for `prevent_destroy`."""
    variant = "" if protected else "unprotected"
    return "/".join(p for p in (layout.module_source, variant, folder) if p)
