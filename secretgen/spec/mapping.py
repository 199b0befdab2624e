"""What every mapping of the spec has in common."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict

from secretgen.spec.aws_formats import TagKey, TagValue
from secretgen.spec.types import NullMeans

Tags = Annotated[dict[TagKey, TagValue], NullMeans(dict)]


class Shape(BaseModel):
    """A mapping of the spec: unknown keys are mistakes, and nothing changes once it is read."""

    model_config = ConfigDict(extra="forbid", frozen=True)
