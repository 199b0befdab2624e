"""Rules about the file itself, found while it is read."""

from __future__ import annotations

from secretgen.rules.rule import WARNING, described

_YAML = "https://yaml.org/spec/1.2.2/"
_SPEC = "The spec language, reading YAML"

RULES = (
    described(
        "SG001",
        "Byte that is not UTF-8",
        why="""
            A spec is UTF-8 text, as YAML and Terraform want it. Another encoding would put other
            characters into names and tags. Save the file as UTF-8.
        """,
        source=_YAML + "#52-character-encodings",
    ),
    described(
        "SG002",
        "Not valid YAML",
        why="""
            What follows a mistake in the syntax could be read in more than one way, so nothing of
            the file is used. The message says what the reader expected and where.
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
            YAML readers differ in which of two equal keys they take, so one of the two settings
            would be lost without a word. Delete one.
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
        "Tag",
        why="""
            Tags such as `!!int` or `!secret` make readers turn text into something else, some even
            into code. A field of the spec knows its type: delete the tag, or quote the text.
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
            Control characters, characters that reverse the direction of text, and endless stacks
            of accents hide what a file says from those who review it. What only hides may be
            written as an escape, such as "\u202E", which everybody sees.
        """,
        source=_YAML + "#51-character-set",
        example=r"""
            -description: "bell \a"
            +description: "bell"
        """,
    ),
    described(
        "SG007",
        "Nested too deep",
        why="""
            The spec language needs eight levels; a file with more than 64 is broken, or was made
            to use up memory.
        """,
        source=_SPEC,
    ),
    described(
        "SG008",
        "Alias that cannot be used",
        why="""
            An alias repeats the value of an anchor above it. It cannot stand for a value that
            comes later or that holds the alias, nor blow a small file up to a huge one.
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
        "Too large",
        why="""
            A spec of 10,000 secrets takes 4 MB. Larger files are no specs; large environments plan
            faster when they are split into several.
        """,
        source=_SPEC,
    ),
    described(
        "SG010",
        "No spec in the file",
        why="""
            A spec is a mapping that begins with `version: 1`. An empty file, a list or plain text
            describes no environment.
        """,
        source=_SPEC,
    ),
    described(
        "SG011",
        "Text that is not in Unicode's normal form C",
        severity=WARNING,
        why="""
            Terraform normalises all text to form C, so text in another form would differ from its
            spec after every apply. It is read in form C; save it so.
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
        why="Keys are names. Quote one that begins with `{` or `[`.",
        source=_SPEC,
        example="""
             tags:
            -  [Owner]: platform
            +  Owner: platform
        """,
    ),
    described(
        "SG013",
        "Merge of something that is not a mapping",
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
            lines that begin with `<<<<<<<`, `=======` and `>>>>>>>`. Keep what is right of both,
            and delete those lines. Generated files need no such work: render them anew.
        """,
        source="https://git-scm.com/docs/git-merge#_how_conflicts_are_presented",
    ),
)
