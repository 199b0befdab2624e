"""Addresses of Terraform resources and modules, as `terraform state list` writes them."""

from __future__ import annotations

import re

from msgspec import Struct

_NAME = r"[A-Za-z_][A-Za-z0-9_-]*"
_INSTANCE = r'(?:\[(?:[0-9]{1,9}|"[^"\\$%\x00-\x1f\x7f]*")\])?'
_TYPE = r"[a-z][a-z0-9]*_[a-z0-9_]*"  # of a resource: its provider's name, then what it is
PATTERN = (
    rf"(?:module\.{_NAME}{_INSTANCE}\.)*"
    rf"(?:module\.{_NAME}{_INSTANCE}|{_TYPE}\.{_NAME}{_INSTANCE})"
)
"""Regular expression of an address: modules, and after them the type and name of a resource."""

_ADDRESS = re.compile(PATTERN)
_STEP = re.compile(
    rf"\.?(?P<first>module|{_TYPE})\.(?P<name>{_NAME})"
    r'(?:\[(?:(?P<number>[0-9]+)|"(?P<key>[^"]*)")\])?'
)

Instance = int | str | None
"""Which instance of a module or resource with `count` or `for_each`; None for one without."""


class Step(Struct, frozen=True):
    """One step of an address.

    Args:
        type: `module`, or the type of a resource.
        name: its label.
        instance: its instance.
    """

    type: str
    name: str
    instance: Instance = None


class Address(Struct, frozen=True):
    """An address such as `module.db.aws_secretsmanager_secret.this[0]`.

    Args:
        text: the address.
    """

    text: str

    def __str__(self) -> str:
        """Returns the address."""
        return self.text

    @staticmethod
    def parse(text: str) -> Address | None:
        """Returns the address of a text; None for any other text."""
        return Address(text) if _ADDRESS.fullmatch(text) else None

    @staticmethod
    def of(steps: tuple[Step, ...]) -> Address:
        """Makes an address of its steps."""
        return Address(".".join(f"{s.type}.{s.name}{bracketed(s.instance)}" for s in steps))

    @property
    def steps(self) -> tuple[Step, ...]:
        """Its modules, outermost first, and its resource."""
        return tuple(
            Step(m["first"], m["name"], int(m["number"]) if m["number"] else m["key"])
            for m in _STEP.finditer(self.text)
        )

    @property
    def resource_type(self) -> str | None:
        """Type of the resource; None for the address of a module."""
        last = self.steps[-1].type
        return None if last == "module" else last

    @property
    def without_instances(self) -> Address:
        """The same for all instances: Terraform's `removed` takes no other address."""
        return Address.of(tuple(Step(s.type, s.name) for s in self.steps))


def bracketed(instance: Instance) -> str:
    """Writes the key of an instance as addresses have it; nothing for None."""
    if instance is None:
        return ""
    return f"[{instance}]" if isinstance(instance, int) else f'["{instance}"]'
