"""The forms of text that the spec language sets itself: names, choices, dates, words.

Each names the rule that text of another form breaks; the rule says why.
"""

from __future__ import annotations

import datetime as dt
from typing import Annotated

from pydantic import AfterValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

from secretgen.model.secret import AWS_MANAGED, DEDICATED
from secretgen.spec.types import Format

INPUT_NAME = "[A-Za-z][A-Za-z0-9_-]*"
"""Form of the name of an input of a part, as a regular expression."""

Text = Annotated[str, Format("SG107", "text")]
Line = Annotated[
    str, Format("SG107", "one line of text", pattern=r"[^\r\n]*", examples=("Database Secrets",))
]
Version = Annotated[
    str,
    Format("SG104", "1, the only supported version", pattern="1", examples=("version: 1",)),
    WithJsonSchema({"enum": [1, "1"]}),
]
Reason = Annotated[
    str, Format("SG107", "a reason of at least one word", pattern=r"[\s\S]*\S[\s\S]*")
]
# Windows has no folders of these names, in any letter case.
_NO_DEVICE = (
    r"(?!(?:[cC][oO][nN]|[pP][rR][nN]|[aA][uU][xX]|[nN][uU][lL]"
    r"|[cC][oO][mM][0-9]|[lL][pP][tT][0-9])$)"
)
EnvironmentName = Annotated[
    str,
    Format(
        "SG106",
        "an environment name: 2 to 32 lower-case letters, digits and hyphens, a letter first,"
        " no hyphen last, not a device name of Windows such as con",
        pattern=_NO_DEVICE + r"[a-z][a-z0-9-]*[a-z0-9]",
        minimum=2,
        maximum=32,
        letters="a-z0-9-",
        examples=("production", "staging-eu"),
    ),
]
LocalName = Annotated[
    str,
    Format(
        "SG106",
        "a name: 1 to 64 letters, digits, hyphens and underscores, a letter or digit first,"
        " not a device name of Windows such as aux",
        pattern=_NO_DEVICE + r"[A-Za-z0-9][A-Za-z0-9_-]*",
        maximum=64,
        letters="A-Za-z0-9_-",
    ),
]
ServiceSecretName = Annotated[
    str,
    Format(
        "SG106",
        "a name: 1 to 64 letters, digits and single hyphens, a letter first, no hyphen last",
        pattern=r"[A-Za-z][A-Za-z0-9]*(-[A-Za-z0-9]+)*",
        maximum=64,
        letters="A-Za-z0-9-",
        examples=("orders-master",),
    ),
]
AccountName = Annotated[
    str,
    Format(
        "SG401",
        "a name in 'accounts'",
        pattern=r"[^*?]+",
        names_principal=True,
        is_reference=True,
    ),
]
KeyChoice = Annotated[
    str,
    Format(
        "SG402",
        f"{DEDICATED}, a name in 'keys', the ARN of a KMS key, or {AWS_MANAGED}",
        minimum=1,
        is_reference=True,
        examples=(DEDICATED, "database", AWS_MANAGED),
    ),
]
RuleId = Annotated[
    str,
    Format("SG461", "the id of a rule", minimum=1, is_reference=True, examples=("SG305",)),
]
PART_PATH = r"(?!/)(?!(?:.*/)?\.\.(?:/|$))[^\r\n\0]+"
"""Form of the path of a part, as a regular expression: below the root, without `..`."""

PartPath = Annotated[
    str,
    Format(
        "SG490",
        "the path of a file below the project root, relative to it, without '..'",
        pattern=PART_PATH,
        minimum=1,
        is_reference=True,
        examples=("parts/payments.yaml",),
    ),
]
InputName = Annotated[
    str,
    Format(
        "SG106",
        "the name of an input: 1 to 64 letters, digits, hyphens and underscores, a letter first",
        pattern=INPUT_NAME,
        maximum=64,
        letters="A-Za-z0-9_-",
    ),
]


def _existing_date(text: str) -> str:
    try:
        dt.date.fromisoformat(text)
    except ValueError:
        context = {
            "rule": "SG108",
            "what": "an existing date",
            "flaw": "This day does not exist.",
        }
        raise PydanticCustomError("format", "{what}", context) from None
    return text


_DATE = Format(
    "SG108",
    "a date such as 2027-03-01",
    pattern=r"[0-9]{4}-[0-9]{2}-[0-9]{2}",
    examples=("2027-03-01",),
)
Date = Annotated[
    str,
    _DATE,
    AfterValidator(_existing_date),
    WithJsonSchema({
        "type": "string",
        "format": "date",
        "pattern": f"^{_DATE.pattern}$",
        "examples": ["2027-03-01"],
    }),
]  # fmt: skip
