"""Rules about the shape of a spec and about its parts, found while they are decoded."""

from secretgen.rules.rule import WARNING, described

_SPEC = "The spec language: docs/reference/spec.schema.json"
_SOURCE = "The spec language, `include`"

RULES = (
    described(
        "SG101",
        "Unknown key",
        why="""
            secretgen would ignore an unknown key, and the intended setting would keep its default.
            Most unknown keys are misspelt, or one level too high or too low.
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
        why="The key is required, because no default fits every environment. Add it.",
        source=_SPEC,
        example="""
            -aws: { account_id: "123456789012" }
            +aws: { account_id: "123456789012", region: us-east-1 }
        """,
    ),
    described(
        "SG103",
        "Value of the wrong type",
        why="""
            The field expects a mapping, a list or a single value, and the spec has one of the other
            two.
        """,
        source=_SPEC,
        example="""
             secrets:
            -  app/key: { replicas: us-west-2 }
            +  app/key: { replicas: [us-west-2] }
        """,
    ),
    described(
        "SG104",
        "Value that is not allowed",
        why="""
            The field accepts only certain words. Booleans are `true` and `false`: `yes` and `on`
            are text, because versions of YAML disagree about them.
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
            Whole numbers are written with decimal digits only. `030` is 24 for some YAML parsers
            and 30 for others; they disagree about `3_0`, `1e3` and `30.0`, too.
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
            The names of environments and accounts become folders, and the names of keys become
            aliases. Letters, digits, hyphens and underscores are safe in all of these.
        """,
        source=_SPEC,
        example="""
            -environment: Staging
            +environment: staging
        """,
    ),
    described(
        "SG107",
        "Invalid text",
        why="A heading has one line, and a reason contains words.",
        source=_SPEC,
        example=r"""
             secrets:
            -  app/key: { group: "Database\nSecrets" }
            +  app/key: { group: Database Secrets }
        """,
    ),
    described(
        "SG108",
        "Invalid date",
        why="A date is written as `2027-03-01`, and the day exists.",
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
        why="""
            An environment has at least one secret, and a function in a VPC has at least one subnet
            and one security group.
        """,
        source=_SPEC,
        example="""
            -secrets: {}
            +secrets:
            +  app/key: {}
        """,
    ),
    described(
        "SG490",
        "Part that cannot be read",
        why="""
            A part is a YAML file in the project, and its path is relative to the project root.
            Symbolic links are not followed, so a spec cannot read files outside its repository.
        """,
        source=_SOURCE,
        example="""
            -include: [../parts/payments.yaml]
            +include: []
        """,
    ),
    described(
        "SG491",
        "Part used as a spec, or spec used as a part",
        why="""
            A spec describes one environment and has `aws` and `backend`. A part contains what
            several environments share. List it under `include` of a spec, and keep it outside the
            folder of the specs, for example in `parts/`.
        """,
        source=_SOURCE,
    ),
    described(
        "SG492",
        "Key that is not allowed in a part",
        why="""
            A part can have `accounts`, `keys`, `required_tags`, `secrets`, `service_secrets`,
            `monitoring`, and `defaults` and `tags` for its own secrets. Settings of a single
            environment stay in its spec. A part cannot include another part, so that the spec lists
            all files that it uses.
        """,
        source=_SOURCE,
    ),
    described(
        "SG493",
        "Unknown input of a part",
        why="""
            The part does not declare this input, so the value would have no effect. The name is
            probably misspelt.
        """,
        source=_SOURCE,
    ),
    described(
        "SG494",
        "Missing input",
        why="The input has no default, so each spec that includes the part must set it.",
        source=_SOURCE,
    ),
    described(
        "SG495",
        "Input declared only in another part",
        why="""
            Inputs are replaced only in the part that declares them. Here `$(name)` would stay
            unchanged, and is not valid. Declare the input in this part.
        """,
        source=_SOURCE,
    ),
    described(
        "SG496",
        "Text that looks like an input of another part",
        severity=WARNING,
        why="""
            Inputs are replaced only in the part that declares them. Here `$(name)` stays unchanged.
            Declare the input in this part, or write `$$(name)` for the text itself.
        """,
        source=_SOURCE,
    ),
    described(
        "SG497",
        "Part included twice with the same inputs",
        why="The second `include` has no effect. One of its inputs is probably missing.",
        source=_SOURCE,
    ),
)
