"""Recognises credentials: text that is one by its form, and names whose text would be one."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from msgspec import Struct
from msgspec.structs import replace

from secretgen.spec import token_kinds
from secretgen.spec.service_tokens import SERVICE_KINDS
from secretgen.spec.token_kinds import Kind

KINDS: tuple[Kind, ...] = (*token_kinds.KINDS, *SERVICE_KINDS)

MASK = "********"
"""Stands for a credential wherever it would be printed; as long as none."""

_SHORTEST = 12
"""Text with fewer characters is not looked at."""

_NEAR = 60
"""Characters before and behind a token that may say what it is."""


class Token(Struct, frozen=True):
    """A credential in a text.

    Args:
        start: offset of its first character.
        end: offset behind its last character.
        what: what it is, such as `GitHub token`.
        otherwise: what to do if it is none; empty where that is out of the question.
    """

    start: int
    end: int
    what: str
    otherwise: str = ""


def kinds_in(texts: Iterable[str]) -> tuple[Kind, ...]:
    """Returns the kinds worth looking for in some texts, far quicker than looking for all."""
    everything = "\n".join(text for text in texts if len(text) >= _SHORTEST)
    return tuple(kind for kind in KINDS if kind.may_be_in(everything))


def tokens_in(
    text: str, names: Sequence[str] = (), kinds: tuple[Kind, ...] = KINDS
) -> Iterator[Token]:
    """Finds credentials in a text.

    Args:
        text: the text.
        names: keys that it stands under, from the root.
        kinds: the kinds to look for.
    """
    if len(text) < _SHORTEST:
        return
    for kind in kinds:
        if not kind.may_be_in(text):
            continue
        group = "secret" if "secret" in kind.pattern.groupindex else 0
        for match in kind.pattern.finditer(text):
            start, end = match.span(group)
            rest = f"{text[max(0, start - _NEAR) : start]} {text[end : end + _NEAR]}"
            if kind.plausible(match.group(group), rest, names):
                yield Token(start, end, kind.what, kind.otherwise)


_COMMENT = re.compile(r"(?:^|(?<=\s))#[^\r\n]*+", re.MULTILINE)
_CLUED = tuple(kind for kind in KINDS if kind.clues)
_IN_COMMENTS = tuple(
    replace(kind, plausible=kind.plausible_in_comment or kind.plausible)
    for kind in KINDS
    if not kind.clues
)


def tokens_in_file(text: str) -> Iterator[Token]:
    """Finds credentials in a whole file: in its comments, too, and if it is no YAML.

    Those that are known by what stands around them alone are looked for in comments only:
    elsewhere the keys above say more.
    """
    yield from tokens_in(text, kinds=tuple(kind for kind in _CLUED if kind.may_be_in(text)))
    if any(kind.may_be_in(text) for kind in _IN_COMMENTS):
        for comment in _COMMENT.finditer(text):
            for token in tokens_in(comment.group(), kinds=_IN_COMMENTS):
                start, end = comment.start() + token.start, comment.start() + token.end
                yield replace(token, start=start, end=end)


def mask_tokens(text: str) -> str:
    """Puts a mask in the place of every credential in a text."""
    masked, done = "", 0
    for token in sorted(tokens_in(text), key=lambda t: t.start):
        if token.start >= done:
            masked += text[done : token.start] + MASK
        done = max(done, token.end)
    return masked + text[done:]


_WORDS = re.compile(r"[^a-z0-9]+")
_SECRET_NAMES = (
    "cred",
    "creds",
    "jwt",
    "pass",
    "passphrase",
    "passwords",
    "pem",
    "secretbinary",
    "secretstring",
    "secrettext",
    "secretvalue",
    "tokens",
)
_SECRET_ENDINGS = (
    "accesskey",
    "apikey",
    "appkey",
    "applicationkey",
    "connectionstring",
    "credential",
    "credentials",
    "passphrase",
    "passwd",
    "password",
    "privatekey",
    "pwd",
    "secret",
    "secretkey",
    "sharedkey",
    "signingkey",
    "token",
)


def is_secret_name(name: str) -> bool:
    """Returns whether text under a key of this name would be a secret.

    Args:
        name: a key, such as `password`, `clientSecret` or `prod/app/api-key`.
    """
    last = name.rpartition("/")[2].lower()
    joined = _WORDS.sub("", last).rstrip("0123456789")
    return joined in _SECRET_NAMES or joined.endswith(_SECRET_ENDINGS)
