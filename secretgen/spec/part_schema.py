"""The shape of a part: fields of the spec that several environments share, and inputs."""

from typing import Annotated

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
    """Its value unless the spec gives another one; without a default, specs have to give one."""


class PartHead(Shape):
    """A part of environments: what several specs share by including it."""

    version: Version
    """Version of the spec language."""
    inputs: Annotated[dict[InputName, Body[InputSpec]], NullMeans(dict)] = {}
    """Values that each spec gives, by name: `$(name)` stands for one in keys and texts."""


PART_FIELDS = tuple(name for name in Spec.model_fields if name in _SHARED)
"""Fields of a spec that a part may hold, in the order of the spec."""
