"""Which variant of the module a block calls."""

from __future__ import annotations

from secretgen.model.secret import ResourcePolicy
from secretgen.readback.block_fields import Fields
from secretgen.readback.read_values import to_plain


def source(module: str, folder: str, *, protected: bool) -> str:
    """Returns the path of a folder of the module; an empty one is its top."""
    parts = (module, "" if protected else "unprotected", folder)
    return "/".join(part for part in parts if part)


_UNMANAGED = "unmanaged-policy"


def read_policy(call: Fields, module: str, *, rotates: bool) -> tuple[ResourcePolicy, str]:
    """Reads from the `source` of a call whether the resource policy of its secret is managed.

    Args:
        call: the module block.
        module: path of the module.
        rotates: whether the secret rotates.

    Returns:
        Who decides over the policy, and the folder of the module that the call has to be of.
    """
    found = str(call.peek("source")).removeprefix(f"{module}/").removeprefix("unprotected/")
    managed = found.split("/")[0] != _UNMANAGED
    parts = ("" if managed else _UNMANAGED, "" if rotates else "static")
    policy = ResourcePolicy.MANAGED if managed else ResourcePolicy.UNMANAGED
    return policy, "/".join(filter(None, parts))


def read_protection(call: Fields, module: str, folder: str) -> bool:
    """Reads from the `source` of a call whether what it makes is protected against deletion.

    Args:
        call: the module block.
        module: path of the module.
        folder: the folder of the module that the call has to be of; empty for its top.
    """
    value = call.take("source", "deletion_protection")
    found = to_plain(value)
    protected = not (isinstance(found, str) and found.startswith(f"{module}/unprotected"))
    expected = source(module, folder, protected=protected)
    if found != expected:
        span = value.span if value else call.span
        call.notes.odd((*call.path, "source"), expected, found, span)
    return protected
