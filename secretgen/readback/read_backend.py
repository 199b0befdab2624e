"""Where the state is, from the backend block."""

from __future__ import annotations

from secretgen.model.environment import Backend, Locking
from secretgen.readback.read_root import Root
from secretgen.readback.read_values import boolean

_PATH = ("backend",)


def read_backend(root: Root) -> Backend:
    """Reads the backend of a root module; empty when it has none."""
    backend = None
    for terraform in root.take_all("terraform"):
        # No spec says anything of versions.
        terraform.skip("required_version")
        terraform.block("required_providers")
        if backend is None:
            backend = terraform.block("backend", "s3", path=_PATH)
        terraform.finish()
    if backend is None:
        root.lacks("terraform", "backend.s3")
        return Backend("", "", "")
    table = backend.get("dynamodb_table")
    locks = backend.get("use_lockfile", boolean, "locking", absent=False)
    if locks is True:
        locks = Locking.S3 if table is None else Locking.BOTH
    elif locks is False:
        locks = Locking.DYNAMODB
    read = Backend(
        bucket=backend.get("bucket"),
        key=backend.get("key"),
        region=backend.get("region"),
        locking=locks,
        dynamodb_table=table,
        kms_key_id=backend.get("kms_key_id"),
    )
    backend.expect("encrypt", expected=True)
    backend.finish()
    return read
