"""Rules about parts and the `include` of a spec, found while it is read."""

from __future__ import annotations

from secretgen.rules.rule import WARNING, described

_SOURCE = "The spec language, `include`"

RULES = (
    described(
        "SG490",
        "Part that cannot be read",
        why="""
            A part is a YAML file below the project root, named relative to the root. Symbolic
            links are not followed, so that a spec cannot read what lies outside its repository.
        """,
        source=_SOURCE,
        example="""
            -include: [../parts/payments.yaml]
            +include: []
        """,
    ),
    described(
        "SG491",
        "Part as a spec, or spec as a part",
        why="""
            A spec describes one environment and has `aws` and `backend`. A part holds what several
            environments share; it is named under `include` of a spec and lies outside the folder
            of the specs, such as in `parts/`.
        """,
        source=_SOURCE,
    ),
    described(
        "SG492",
        "Key that a part cannot have",
        why="""
            A part holds `accounts`, `keys`, `required_tags`, `secrets`, `service_secrets`,
            `monitoring`, and `defaults` and `tags` for its own secrets. What concerns one
            environment stays in its spec, and a part includes no other part, so that one spec
            lists all files it is made of.
        """,
        source=_SOURCE,
    ),
    described(
        "SG493",
        "Input that the part does not have",
        why="The value would have no effect. Most such names are misspelt.",
        source=_SOURCE,
    ),
    described(
        "SG494",
        "Missing input",
        why="An input without a default has a value in each spec that includes the part.",
        source=_SOURCE,
    ),
    described(
        "SG495",
        "Input that only another part declares",
        why="""
            The inputs of a part are replaced in that part alone. Here `$(name)` would stay as it
            is, and is not valid.
        """,
        source=_SOURCE,
    ),
    described(
        "SG496",
        "Text that looks like the input of another part",
        severity=WARNING,
        why="""
            The inputs of a part are replaced in that part alone. Here `$(name)` stays as it is.
            Declare the input, or write `$$(name)` for the text itself.
        """,
        source=_SOURCE,
    ),
    described(
        "SG497",
        "Part included twice with the same inputs",
        why="The second one changes nothing. Most likely one of its inputs was forgotten.",
        source=_SOURCE,
    ),
)
