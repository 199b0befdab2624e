"""Where the module blocks of an environment find their modules."""

from __future__ import annotations

from secretgen.model.layout import Layout
from secretgen.model.secret import Secret


def secret_folder(secret: Secret) -> str:
    """Folder of the module variant that a secret calls, without its protection."""
    parts = (
        "" if secret.manages_policy else "unmanaged-policy",
        "" if secret.rotation else "static",
    )
    return "/".join(filter(None, parts))


def source(layout: Layout, folder: str = "", *, protected: bool = True) -> str:
    """Path of a module variant; Terraform takes only literals for `prevent_destroy`."""
    variant = "" if protected else "unprotected"
    return "/".join(p for p in (layout.module_source, variant, folder) if p)
