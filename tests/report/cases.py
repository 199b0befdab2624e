"""One list of findings with everything that is hard to print, for all formats."""

from secretgen.diagnostics import Diagnostic, Severity, Span

# Put together, so that no scanner takes this file for a leak.
TOKEN = "ghp_" + "abcdefghijklmnopqrstuvwxyz0123456789"
PASSWORD = "hunter2-hünter"

PRODUCTION = f"""\
version: 1
readerz: [app]
\tregion:\tus-east-1 # 日本
description: 日本語の説明 "naïve"
list: [{", ".join(f"item-{n:02}" for n in range(40))}]
token: {TOKEN} # and region: us-east-1
password: "{PASSWORD}"
block:
  one: 1
  two: 2
key: |
  secret line one
  secret line two
"""
CONTROL = 'description: 日本語の説明 "naïve" \x1b[31m'
SMALL = "a: 1\r\nb: 2\r\n"

SOURCES = {
    "specs/production.yaml": PRODUCTION,
    "specs/control.yaml": CONTROL,
    "specs/small, 100%.yaml": SMALL,
}


def at(line, column, end_line, end_column, file="specs/production.yaml"):
    return Span(file, line, column, end_line, end_column)


def error(rule, span, summary, detail, *, path=(), suggestion=""):
    return Diagnostic(rule, Severity.ERROR, summary, detail, span, path, suggestion)


LONG = (
    "A detail that does not fit into one line of a terminal, so that it has to be wrapped: twice."
)

FINDINGS = [
    error(
        "SG101",
        at(2, 1, 2, 8),
        "unknown key 'readerz'",
        "",
        path=("readerz",),
        suggestion="readers",
    ),
    error(
        "SG002",
        at(1, 1, 1, 2, "specs/small, 100%.yaml"),
        "tab used for indentation",
        "Indent with spaces.",
    ),
    error(
        "SG104",
        at(3, 10, 3, 19),
        "not a Region",
        "Did you mean 'us-east-2'?",
        suggestion="us-east-2",
    ),
    error(
        "SG006",
        at(1, 29, 1, 30, "specs/control.yaml"),
        "character U+001B is not allowed",
        "Delete it.",
    ),
    error("SG104", at(4, 14, 4, 20), "wide characters", LONG),
    error("SG104", at(5, 128, 5, 135), "in the middle of a long line", "", path=("list", 15)),
    error("SG104", at(5, 8, 5, 15), "at the beginning of a long line", ""),
    error("SG104", at(5, 359, 5, 366), "at the end of a long line", ""),
    error("SG301", at(6, 8, 6, 48), "GitHub token in a spec", "Take it out.", path=("token",)),
    error("SG203", at(6, 61, 6, 70), f"'us-east-1' behind {TOKEN}", "", path=("secrets", TOKEN)),
    error("SG302", at(7, 11, 7, 27), "text under 'password'", "Take it out.", path=("password",)),
    error(
        "SG999",
        at(7, 1, 7, 9),
        f"echoes {PASSWORD}",
        f"and {PASSWORD}",
        path=(PASSWORD,),
        suggestion=PASSWORD,
    ),
    error("SG104", at(9, 3, 10, 4), "several lines", "", path=("block",)),
    error("SG302", at(11, 6, 13, 18), "text under 'key'", "", path=("key",)),
    error("SG104", at(13, 3, 13, 9), "within a secret", ""),
    Diagnostic(
        "SG305",
        Severity.WARNING,
        "name with \x1b[31m, \n, \u202e and 100%",
        "a: b, c\r",
        at(2, 4, 2, 5, "specs/small, 100%.yaml"),
        ("a\x1b", 0),
    ),
    error("SG010", Span("specs/missing.yaml"), "no source for this one", "Only words."),
    error("SG010", at(99, 1, 99, 1, "specs/small, 100%.yaml"), "behind the end", ""),
]
