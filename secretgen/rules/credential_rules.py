"""Rules about secrets that stand in a spec, found while it is read."""

from __future__ import annotations

from secretgen.rules.rule import described

_SOURCE = "https://owasp.org/www-project-top-10-ci-cd-security-risks/CICD-SEC-06-Insufficient-Credential-Hygiene"

RULES = (
    described(
        "SG301",
        "Credential in a spec",
        why="""
            The text has the form of an access key, a private key or a token. Whoever reads the
            repository, now or from its history, has it: take it out, and replace it if it is real.
        """,
        source=_SOURCE,
        example="""
            -description: AKIAIOSFODNN7EXAMPLF
            +description: the access key of the build
        """,
    ),
    described(
        "SG302",
        "Text under the name of a secret",
        why="""
            A key such as `password` or `secret_string` with text as its value is a secret in a
            file. A spec says where a value comes from, never what it is.
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
        "Text where the source of a value belongs",
        why="""
            `value` says where a value comes from: `external`, `variable`, `generated` or `json`.
            The value itself never stands in a spec.
        """,
        source=_SOURCE,
        example="""
             secrets:
            -  app/key: { value: hunter2 }
            +  app/key: { value: { from: variable } }
        """,
    ),
)
