"""Rules about the file itself, and about secrets that stand in it, found while it is read."""

from secretgen.rules.rule import WARNING, described

_YAML = "https://yaml.org/spec/1.2.2/"
_SPEC = "The spec language, reading YAML"
_SOURCE = "https://owasp.org/www-project-top-10-ci-cd-security-risks/CICD-SEC-06-Insufficient-Credential-Hygiene"

RULES = (
    described(
        "SG001",
        "Byte that is not UTF-8",
        why="""
            A spec is UTF-8 text, as YAML and Terraform require. Another encoding would put other
            characters into names and tags. Save the file as UTF-8.
        """,
        source=_YAML + "#52-character-encodings",
    ),
    described(
        "SG002",
        "Not valid YAML",
        why="""
            The text after a syntax error could be read in more than one way, so nothing of the file
            is used. The message says what was expected, and where.
        """,
        source=_YAML,
        example="""
            -tags: { Owner: platform
            +tags: { Owner: platform }
        """,
    ),
    described(
        "SG003",
        "Key given twice",
        why="""
            YAML parsers differ in which of two equal keys they use, so one of the two settings
            would be lost without a warning. Delete one of them.
        """,
        source=_YAML + "#3213-node-comparison",
        example="""
             tags:
               Owner: platform
            -  Owner: security
        """,
    ),
    described(
        "SG004",
        "Several documents in one file",
        why="One file describes one environment. Put the other document into a file of its own.",
        source=_SPEC,
        example="""
             tags: {}
            ----
            -tags: {}
        """,
    ),
    described(
        "SG005",
        "YAML tag",
        why="""
            Tags such as `!!int` or `!secret` change the type of a text, and some parsers even run
            code for them. Each field of the spec has a fixed type: delete the tag, or quote the
            text.
        """,
        source=_SPEC,
        example="""
            -description: !secret staging
            +description: "!secret staging"
        """,
    ),
    described(
        "SG006",
        "Character that is not allowed",
        why=r"""
            Control characters, characters that reverse the direction of text, and long stacks of
            accents hide from a reviewer what a file contains. Write an invisible character as an
            escape, such as "\u202E", which every reviewer sees.
        """,
        source=_YAML + "#51-character-set",
        example=r"""
            -description: "bell \a"
            +description: "bell"
        """,
    ),
    described(
        "SG007",
        "Nesting too deep",
        why="""
            A spec has at most eight levels. A file with more than 64 is damaged, or was made to use
            up memory.
        """,
        source=_SPEC,
    ),
    described(
        "SG008",
        "Invalid alias",
        why="""
            An alias repeats the value of an anchor above it. It cannot refer to a value further
            down or to one that contains the alias, and aliases must not expand a small file to a
            huge one.
        """,
        source=_YAML + "#71-alias-nodes",
        example="""
            -tags: *common
            +required_tags: &common []
            +tags: {}
        """,
    ),
    described(
        "SG009",
        "File too large",
        why="""
            A spec of 10,000 secrets has 4 MB. Split a larger environment into several: Terraform
            also plans them faster.
        """,
        source=_SPEC,
    ),
    described(
        "SG010",
        "No spec in the file",
        why="""
            A spec is a mapping that begins with `version: 1`. An empty file, a list or plain text
            does not describe an environment.
        """,
        source=_SPEC,
    ),
    described(
        "SG011",
        "Text that is not in Unicode's normal form C",
        severity=WARNING,
        why="""
            Terraform normalises all text to form C, so text in another form would differ from the
            spec after every apply. secretgen reads the text in form C; save the file in that form.
        """,
        source="https://developer.hashicorp.com/terraform/language/expressions/types#string",
        example=r"""
            -description: "cafe\u0301"
            +description: "caf\u00e9"
        """,
    ),
    described(
        "SG012",
        "Key that is not text",
        why="The keys of a mapping are names. Put a key that begins with `{` or `[` in quotes.",
        source=_SPEC,
        example="""
             tags:
            -  [Owner]: platform
            +  Owner: platform
        """,
    ),
    described(
        "SG013",
        "Merge of a value that is not a mapping",
        why="`<<` merges the keys of a mapping that has an anchor, or of a list of such mappings.",
        source="https://yaml.org/type/merge.html",
        example="""
            +accounts:
             tags:
            -  <<: [Owner]
            +  <<: { Owner: platform }
        """,
    ),
    described(
        "SG014",
        "Merge conflict in a spec",
        why="""
            Git could not merge two changes of the same lines and left both in the file, between
            lines that begin with `<<<<<<<`, `=======` and `>>>>>>>`. Edit the lines in between, and
            delete the markers. Do not merge generated files: render them again.
        """,
        source="https://git-scm.com/docs/git-merge#_how_conflicts_are_presented",
    ),
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
