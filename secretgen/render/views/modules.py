"""Where the module blocks of an environment find their modules."""

from __future__ import annotations

MODULE = "../../modules/aws-secrets"


def source(folder: str = "", *, protected: bool) -> str:
    """Path of a module variant; Terraform takes only literals for `prevent_destroy`."""
    return "/".join(p for p in (MODULE, "" if protected else "unprotected", folder) if p)
