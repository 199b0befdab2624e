"""The directives of templates: every `%{ if }` and `%{ for }` ends where it must."""

from __future__ import annotations

from secretgen.hcl.tokens import Kind, Source, Token

_ENDS = {"else": ("if",), "endif": ("if", "else"), "endfor": ("for",)}


def check_directives(source: Source, tokens: list[Token]) -> None:
    """Checks what python-hcl2 does not.

    Raises:
        HclSyntaxError: a directive that does not begin, go on or end another, or has no end.
    """
    if "%{" not in source.text:
        return
    templates: list[list[tuple[str, Token]]] = []
    for index, token in enumerate(tokens):
        if token.kind is Kind.TEMPLATE_OPEN:
            templates.append([])
        elif token.kind is Kind.TEMPLATE_CLOSE:
            for keyword, start in templates.pop()[:1]:
                raise source.error(f"Template directive {keyword!r} has no end", start.start)
        elif token.kind is Kind.OPEN and source.text.startswith("%{", token.start):
            _follow(source, templates[-1], tokens[index + 1])


def _follow(source: Source, opened: list[tuple[str, Token]], token: Token) -> None:
    """Takes one directive, given those around it in its template."""
    keyword = source.text[token.start : token.end]
    if keyword in _ENDS:
        if not opened or opened[-1][0] not in _ENDS[keyword]:
            raise source.error(f"Unexpected template directive {keyword!r}", token.start, token.end)
        opened.pop()
    if keyword in ("if", "for", "else"):
        opened.append((keyword, token))
    elif keyword not in _ENDS:
        raise source.error("Invalid template directive", token.start, token.end)
