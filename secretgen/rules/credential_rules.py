"""Rules about secrets that stand in a spec, found while it is read."""

from __future__ import annotations

from secretgen.rules.rule import described

_SOURCE = "https://owasp.org/www-project-top-10-ci-cd-security-risks/CICD-SEC-06-Insufficient-Credential-Hygiene"

RULES = (
    described(
        "SG301",
        "Credential in a spec",
        why="""
            The text has the form of an access key, a private key or a token. Anyone with access to
            the repository or its history may have seen it. Remove it, and rotate it if it is real.
        """,
        source=_SOURCE,
        example="""
            -description: AKIAIOSFODNN7EXAMPLF
            +description: the access key of the build
        """,
    ),
    described(
        "SG302",
        "Text in a field named like a secret",
        why="""
            Text under a key such as `password` or `secret_string` is a secret in a file. A spec
            contains the source of a value, never the value.
        """,
        source=_SOURCE,
        example="""
             secrets:
               app/database:
            -    value: { from: json, fields: { username: { literal: app }, password: hunter2 } }
            +    value:
            +      from: json
            +      fields: { username: { literal: app }, password: { from: generated } }
        """,
    ),
    described(
        "SG303",
        "Value instead of its source",
        why="""
            `value` is the source of a value: `external`, `variable`, `generated` or `json`. The
            value itself is never in a spec.
        """,
        source=_SOURCE,
        example="""
             secrets:
            -  app/key: { value: hunter2 }
            +  app/key: { value: { from: variable } }
        """,
    ),
)
