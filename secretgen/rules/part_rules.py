"""Rules about parts and the `include` of a spec, found while it is read."""

from __future__ import annotations

from secretgen.rules.rule import WARNING, described

_SOURCE = "The spec language, `include`"

RULES = (
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
