"""The rotation of secrets that AWS services own, from the resources that set it."""

from __future__ import annotations

from secretgen.model.changes import ROTATION
from secretgen.model.names import name_of
from secretgen.model.secret import RotationSchedule, ServiceSecret
from secretgen.readback.block_fields import Fields
from secretgen.readback.read_root import Root
from secretgen.readback.read_rotation import read_rules
from secretgen.readback.read_values import boolean, text


def read_service_secrets(root: Root) -> tuple[ServiceSecret, ...]:
    """Reads all of them, by name."""
    found = [_read(root, address[-1]) for address in root.addresses("resource", ROTATION)]
    return tuple(sorted(found, key=lambda secret: secret.name))


def _read(root: Root, label: str) -> ServiceSecret:
    name = name_of(label) or label
    path = ("service_secrets", name)
    fields = root.take("resource", ROTATION, label, path=path) or Fields.none(root.notes)
    secret = ServiceSecret(name, fields.get("secret_id", text, "arn"), _schedule(fields))
    lifecycle = fields.block("lifecycle") or Fields.none(root.notes)
    lifecycle.expect("prevent_destroy", expected=True)
    lifecycle.finish()
    fields.finish()
    return secret


def _schedule(fields: Fields) -> RotationSchedule:
    immediately = fields.take("rotate_immediately", "rotation", "immediately")
    path = (*fields.path, "rotation")
    rules = fields.block("rotation_rules", path=path) or Fields.none(fields.notes)
    schedule = RotationSchedule(
        **read_rules(rules),
        # As the provider has it where nothing is said.
        immediately=True if immediately is None else boolean(immediately),
    )
    rules.finish()
    return schedule
