"""What hypothesis draws for the tests of the HCL package."""

import re
import unicodedata
from functools import cache

from hypothesis import strategies as st

from secretgen.hcl.encode import call, encode, reference

HOSTILE = (
    '"', "\\", "\n", "\r", "\t", "$", "%", "{", "}", "${", "%{", "$${", "%%{", "$$${", "~}", "=",
    "#", "//", "/*", "*/", "<<EOT\n", "EOT\n", "\\u0041", "\\x41", "\0", "\x7f", "\x85", "\ufeff",
    "\u200b", "\u2028", "\u2029", "\u202e", "\ud7ff", "\ue000", "\uffff", "\U0001f511",
    "\U0010ffff", "e\u0301", "\u212b", "a = 1", "${var.x}", '"\nevil = 1\n', "ключ", "鍵", "clé",
)  # fmt: skip


def nfc(text: str) -> str:
    """The form that Terraform keeps text in."""
    return unicodedata.normalize("NFC", text)


@cache
def texts() -> st.SearchStrategy[str]:
    """Any text, most of it made of what has a meaning in HCL."""
    pieces = st.sampled_from(HOSTILE) | st.text(max_size=4)
    return st.lists(pieces, max_size=8).map("".join)


@cache
def values() -> st.SearchStrategy[object]:
    """Any value that has a literal."""
    scalars = st.none() | st.booleans() | st.integers(-(2**63), 2**63) | texts()
    return st.recursive(
        scalars,
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts(), inner, max_size=4),
        max_leaves=12,
    )


NAMES = st.from_regex(re.compile(r"[a-z_][a-z0-9_-]{0,12}", re.ASCII), fullmatch=True)

_LINES = (
    "1.5e3", "-7", "a == b", "a != b", "a >= 1 && !b", "a ? b : c", "x[0].y", "x.*.y", "x[*].y",
    '"${a}-${b["=#"]}"', '"%{if a}#{%{else}=%{endif}"', '"$${a} = #"', "{ a = 1, b = 2 }", "[1, 2]",
    "[{ a = 1 }]", "[for k in x : k]", "{ for k, v in x : k => v if v != null }",
    "provider::x::y(1)",
    "f(a, [b], { c = 1 })", 'join("=", [for k in x : "${k} # {"])', "/* = */ 1", "1 /* # */",
)  # fmt: skip
_BLOCKS = (
    "f(\n  1,\n)",
    "[\n  1,\n  # x = 1\n]",
    "{\n  a = 1 # a\n  bbb = 2 # b\n\n  c = {\n    d = 1\n  }\n  ee = 3\n}",
    "[for k in x : {\n  a = k\n  bbb = 1\n}]",
)
_HEREDOCS = ("<<EOT\n  a = 1 # b\n $${a} {\nEOT", "<<-EOT\n    # a\n  EOT")


@cache
def _expressions(margin: str) -> st.SearchStrategy[str]:
    indent = len(margin)
    return st.one_of(
        values().map(lambda value: encode(value, indent=indent)),
        values().map(lambda value: encode(call("jsonencode", value), indent=indent)),
        st.lists(NAMES, min_size=2, max_size=4).map(lambda parts: encode(reference(*parts))),
        st.sampled_from(_LINES + _HEREDOCS),
        st.sampled_from(_BLOCKS).map(lambda code: code.replace("\n", "\n" + margin)),
    )


_COMMENTS = st.sampled_from(("# a comment", "// = {", '# "', "# ключ"))
_NO_COMMENT_OR_ONE = st.just("") | _COMMENTS
_SOME_NAMES = st.lists(NAMES, max_size=8, unique=True)
_KINDS = st.integers(0, 9)


@st.composite
def bodies(draw: st.DrawFn, depth: int = 0) -> str:
    """A body in valid HCL, its lines indented but not aligned."""
    margin = "  " * depth
    lines = []
    for name in draw(_SOME_NAMES):
        comment = draw(_NO_COMMENT_OR_ONE)
        match draw(_KINDS):
            case 0 if depth < 3:
                body = draw(bodies(depth + 1))
                lines.append(
                    f'{margin}{name} "label" {{{comment and " " + comment}\n{body}{margin}}}\n'
                )
            case 1:
                lines.append(f"{margin}{name} {{}}\n")
            case 2:
                lines.append(f"{margin}{name} {{ a = 1 }} {comment}".rstrip() + "\n")
            case 3:
                lines.append("\n")
            case 4:
                lines.append(f"{margin}{comment}\n" if comment else "\n")
            case _:
                value = draw(_expressions(margin))
                behind = f" {comment}" if comment and "EOT" not in value else ""
                lines.append(f"{margin}{name} = {value}{behind}\n")
    return "".join(lines)
