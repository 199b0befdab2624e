"""Text and values of reports, without credentials."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from secretgen.insight.plain_text import printable
from secretgen.model.compare import Code
from secretgen.model.secret import Number
from secretgen.spec.credential_tokens import mask_tokens


def safe(text: str) -> str:
    """Makes text safe to print: nothing that a terminal obeys, and no credential."""
    return printable(mask_tokens(text))


def data_of(value: Any) -> Any:
    """Returns a value of an environment as JSON data, without credentials."""
    match value:
        case Code():
            return mask_tokens(value.text)
        case Number():
            return json.loads(value.text)
        case str():
            return mask_tokens(value)
        case Mapping():
            return {mask_tokens(str(key)): data_of(item) for key, item in value.items()}
        case list() | tuple():
            return [data_of(item) for item in value]
        case _:
            return value
