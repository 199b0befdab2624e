"""Rules about several specs together, checked where all of them are known."""

from __future__ import annotations

from secretgen.rules.rule import described

RULES = (
    described(
        "SG405",
        "Environment that two specs describe",
        why="""
            An environment's files are all rendered from one spec; two would overwrite each other's.
        """,
        source="The spec language, `environment`",
    ),
)
