"""Rules about generated passwords."""

from __future__ import annotations

import math
import string
from collections.abc import Iterator

from secretgen.model.secret import Password
from secretgen.rules.finding import Findings
from secretgen.rules.rule import ERROR, WARNING, rule
from secretgen.rules.rule_context import Context, SecretContext

_API = "https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetRandomPassword.html"
_LEAST_BITS = 64


def _passwords(context: Context) -> Iterator[tuple[SecretContext, tuple[str, ...], Password]]:
    """Yields each generated password, with the path below its secret."""
    for secret in context.secrets:
        if not secret.knows("value"):
            continue
        value = secret.resolved.value
        if value.password:
            yield secret, ("value",), value.password
        for field in value.fields:
            if field.password:
                yield secret, ("value", "fields", field.name), field.password


def _alphabets(password: Password) -> list[set[str]]:
    """Returns the characters left of each kind that the password may have."""
    kinds = (
        (string.ascii_lowercase, password.exclude_lowercase),
        (string.ascii_uppercase, password.exclude_uppercase),
        (string.digits, password.exclude_numbers),
        (string.punctuation, password.exclude_punctuation),
    )
    excluded = set(password.exclude_characters)
    return [set(characters) - excluded for characters, left_out in kinds if not left_out]


def _characters(password: Password) -> set[str]:
    space = {" "} if password.include_space else set()
    return set[str]().union(space - set(password.exclude_characters), *_alphabets(password))


def _problem(password: Password) -> str:
    kinds = _alphabets(password)
    if not _characters(password):
        return "every character is excluded"
    if not password.require_each_included_type:
        return ""
    if not all(kinds):
        return "all characters of a required kind are excluded"
    if password.length < len(kinds):
        return (
            f"{password.length} characters cannot hold one character of each of {len(kinds)} kinds"
        )
    return ""


def _place(secret: SecretContext, below: tuple[str, ...]) -> tuple[str, ...]:
    """Finds the option that is written down and most likely to change."""
    for name in ("length", "exclude_characters", "require_each_included_type", "from"):
        if secret.places.is_written(secret.path(*below, name)):
            return (*below, name)
    return below


@rule(
    "SG423",
    ERROR,
    "Password that cannot be generated",
    why="""
        The excluded characters leave nothing to choose from. With `require_each_included_type` (the
        default), each kind of character must have one that is not excluded, and the password must
        be long enough for one of each kind.
    """,
    source=_API,
    example="""
         secrets:
        -  app/pin: { value: { from: generated, length: 3, require_each_included_type: true } }
        +  app/pin: { value: { from: generated, length: 30, require_each_included_type: true } }
    """,
)
def _impossible(context: Context) -> Findings:
    for secret, below, password in _passwords(context):
        problem = _problem(password)
        if problem:
            detail = (
                "Exclude fewer characters, increase the length, or write "
                "'require_each_included_type: false' and "
                "leave the kind out with 'exclude_…: true'."
            )
            yield secret.finding(_place(secret, below), problem, detail)


@rule(
    "SG313",
    WARNING,
    "Weak password",
    why="""
        An attacker who has the hash of a password of fewer than 64 bits can guess the password. The
        default, 32 characters of all kinds, has 209 bits.
    """,
    source="https://cheatsheetseries.owasp.org/cheatsheets/Session_Management_Cheat_Sheet.html#session-id-entropy",
    example="""
         secrets:
           app/pin:
        -    value: { from: generated, length: 8 }
        +    value: { from: generated, length: 12 }
    """,
    ignorable=True,
)
def _weak(context: Context) -> Findings:
    for secret, below, password in _passwords(context):
        characters = len(_characters(password))
        bits = int(password.length * math.log2(characters)) if characters else 0
        if bits < _LEAST_BITS and not _problem(password):
            yield secret.finding(
                _place(secret, below),
                f"the password has {bits} bits of entropy",
                f"Increase the length, or allow more kinds of characters: at least {_LEAST_BITS} "
                "bits.",
            )
