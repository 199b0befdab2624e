"""The shape of a part: fields of the spec that several environments share, and inputs."""

from __future__ import annotations

from copy import copy
from typing import Annotated, Any

from annotated_types import MinLen
from pydantic import create_model
from pydantic.fields import FieldInfo

from secretgen.spec.language_formats import InputName, Line, Text, Version
from secretgen.spec.mapping import Shape
from secretgen.spec.schema import Spec
from secretgen.spec.types import Body, NullMeans, Optional

_SHARED = {
    "accounts",
    "defaults",
    "keys",
    "monitoring",
    "required_tags",
    "secrets",
    "service_secrets",
    "tags",
}


class InputSpec(Shape):
    """An input: a value that each spec gives when it includes the part."""

    description: Line = ""
    """What it is for."""
    default: Optional[Text] = None
    """Its value unless the spec gives another one; without a default it is required."""


class PartHead(Shape):
    """A part of environments: what several specs share by including it."""

    version: Version
    """Version of the spec language."""
    inputs: Annotated[dict[InputName, Body[InputSpec]], NullMeans(dict)] = {}
    """Values that each spec gives, by name: `$(name)` stands for one in keys and texts."""


def _optional(name: str) -> tuple[Any, FieldInfo]:
    """Returns a field of the spec as one that may be left out or empty."""
    info = copy(Spec.model_fields[name])
    if info.is_required():
        info.default_factory = dict
        info.metadata = [m for m in info.metadata if not isinstance(m, MinLen)]
    return info.annotation, info


PART_FIELDS = tuple(name for name in Spec.model_fields if name in _SHARED)
"""Fields of a spec that a part may hold, in the order of the spec."""

_fields: dict[str, Any] = {name: _optional(name) for name in PART_FIELDS}
PartSpec = create_model("PartSpec", __base__=PartHead, __doc__=PartHead.__doc__, **_fields)
"""The shape of a part, for JSON Schema: before inputs are replaced, fields may hold `$(name)`."""
