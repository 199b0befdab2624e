"""Rules about the shape of a spec, found while it is decoded."""

from __future__ import annotations

from secretgen.rules.rule import described

_SPEC = "The spec language: docs/reference/spec.schema.json"

RULES = (
    described(
        "SG101",
        "Unknown key",
        why="""
            A key that is not known would be ignored, and the setting that was meant would keep its
            default. Most are misspelt, or stand one level too high or too low.
        """,
        source=_SPEC,
        example="""
             secrets:
            -  app/key: { recovery_windw_days: 7 }
            +  app/key: { recovery_window_days: 7 }
        """,
    ),
    described(
        "SG102",
        "Missing key",
        why="There is no default that would be right for everybody.",
        source=_SPEC,
        example="""
            -aws: { account_id: "123456789012" }
            +aws: { account_id: "123456789012", region: us-east-1 }
        """,
    ),
    described(
        "SG103",
        "Value of the wrong kind",
        why="A mapping, a list or text is used where one of the other two is expected.",
        source=_SPEC,
        example="""
             secrets:
            -  app/key: { replicas: us-west-2 }
            +  app/key: { replicas: [us-west-2] }
        """,
    ),
    described(
        "SG104",
        "Value that is not one of those allowed",
        why="""
            Some fields know only certain words. Booleans are `true` and `false`: `yes` and `on` are
            text, as different versions of YAML disagree about them.
        """,
        source=_SPEC,
        example="""
            -backend: { bucket: my-terraform-state, locking: dynamo }
            +backend: { bucket: my-terraform-state, locking: s3 }
        """,
    ),
    described(
        "SG105",
        "Not a whole number",
        why="""
            Numbers are decimal digits alone. `030` is 24 for some readers of YAML and 30 for
            others; `3_0`, `1e3` and `30.0` differ as well.
        """,
        source=_SPEC,
        example="""
             secrets:
            -  app/key: { recovery_window_days: 3_0 }
            +  app/key: { recovery_window_days: 30 }
        """,
    ),
    described(
        "SG106",
        "Name that is not allowed",
        why="""
            Names of environments and accounts become folders, and names of keys become aliases:
            letters, digits, hyphens and underscores are safe in all of these.
        """,
        source=_SPEC,
        example="""
            -environment: Staging
            +environment: staging
        """,
    ),
    described(
        "SG107",
        "Text that is not allowed here",
        why="A heading is one line. A reason needs words.",
        source=_SPEC,
        example=r"""
             secrets:
            -  app/key: { group: "Database\nSecrets" }
            +  app/key: { group: Database Secrets }
        """,
    ),
    described(
        "SG108",
        "Not a date",
        why="Dates are written as `2027-03-01`, and exist.",
        source=_SPEC,
        example="""
             environment: production
             secrets:
               app/key:
                 recovery_window_days: 0
            -    ignore: [{ rule: SG308, reason: rebuilt every night, until: 2027-02-30 }]
            +    ignore: [{ rule: SG308, reason: rebuilt every night, until: 2027-02-28 }]
        """,
    ),
    described(
        "SG109",
        "Empty list or mapping",
        why="An environment has secrets; a function in a VPC has subnets and security groups.",
        source=_SPEC,
        example="""
            -secrets: {}
            +secrets:
            +  app/key: {}
        """,
    ),
)
