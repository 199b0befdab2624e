"""Rules about tags."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

from secretgen.model.names import PROTECTION_TAG
from secretgen.rules.finding import Finding, Findings
from secretgen.rules.rule import ERROR, WARNING, rule
from secretgen.rules.rule_context import Context

_TAGGING = "https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html"
_AWS_MAX_TAGS = 50
_MAX_TAGS = _AWS_MAX_TAGS - 1
"""Tags that a spec may set: one more says whether the secret or key is protected."""
_SYMBOLS = frozenset("_.:/=+-@")
_LETTERS_SPACES_NUMBERS = frozenset("LZN")


@rule(
    "SG212",
    ERROR,
    "More than 49 tags",
    why="""
        A secret has its own tags, those of `defaults` and those of the environment. AWS allows 50
        tags, and secretgen sets one of them: `secretgen:protected`.
    """,
    source="https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_TagResource.html",
)
def _too_many(context: Context) -> Findings:
    detail = f"AWS allows {_AWS_MAX_TAGS}, and `{PROTECTION_TAG}` is one of them."
    count = len(context.spec.tags)
    if count > _MAX_TAGS:
        yield Finding(("tags",), f"the environment has {count} tags", detail, at_key=True)
        return
    for secret in context.secrets:
        count = len({**context.spec.tags, **secret.spec.tags})
        if count > _MAX_TAGS:
            summary = f"with the tags of the environment this secret has {count}"
            yield secret.finding(("tags",), summary, detail, at_key=True)


def _written(context: Context) -> Iterator[tuple[Finding, str, str]]:
    """Yields every tag that is written down, as a finding yet to be filled in."""
    for key, value in context.spec.tags.items():
        yield Finding(("tags", key), "", ""), key, value
    for secret in context.secrets:
        for key, value in secret.spec.tags.items():
            yield Finding(secret.path("tags", key), "", "", secret=secret.name), key, value


@rule(
    "SG213",
    WARNING,
    "Tag with characters that some services refuse",
    why="""
        All services accept letters, digits, spaces and the characters _.:/=+-@ in tags. Some refuse
        others, such as a line break, and the tags of an environment are used in several services:
        KMS, Secrets Manager, SNS, CloudWatch and IAM.
    """,
    source=_TAGGING,
    example="""
        -tags: { Owner: "platform & security" }
        +tags: { Owner: platform + security }
    """,
    ignorable=True,
)
def _characters(context: Context) -> Findings:
    for blank, key, value in _written(context):
        for what, text, at_key in (("key", key, True), ("value", value, False)):
            if not all(map(_is_usual, text)):
                yield Finding(
                    blank.path,
                    f"tag {what} with characters that some services refuse",
                    "Use letters, digits, spaces and _.:/=+-@ only.",
                    at_key=at_key,
                    secret=blank.secret,
                )


def _is_usual(character: str) -> bool:
    return character in _SYMBOLS or unicodedata.category(character)[0] in _LETTERS_SPACES_NUMBERS


@rule(
    "SG214",
    WARNING,
    "Tag keys that differ only in case",
    why="""
        Secrets Manager treats them as two tags, IAM as one. IAM refuses to create roles with both
        tags, and cost reports count them separately.
    """,
    source="https://docs.aws.amazon.com/IAM/latest/UserGuide/id_tags.html#id_tags_rules",
    example="""
         tags: { Owner: platform }
         secrets:
        -  app/key: { tags: { owner: payments } }
        +  app/key: { tags: { Owner: payments } }
    """,
    ignorable=True,
)
def _alike(context: Context) -> Findings:
    environment: dict[str, str] = {}
    for key in context.spec.tags:
        other = environment.setdefault(key.casefold(), key)
        if other != key:
            yield Finding(("tags", key), *_differs(other), suggestion=other, at_key=True)
    for secret in context.secrets:
        seen = dict(environment)
        for key in secret.spec.tags:
            other = seen.setdefault(key.casefold(), key)
            if other != key:
                words = _differs(other)
                yield secret.finding(("tags", key), *words, suggestion=other, at_key=True)


def _differs(other: str) -> tuple[str, str]:
    return f"tag key differs from {other!r} only in case", "Write both in the same way."


@rule(
    "SG451",
    ERROR,
    "Reserved tag",
    why="""
        The tag `secretgen:protected` marks secrets and keys that AWS must not destroy; the policies
        in `iam/` depend on it. secretgen sets it from `deletion_protection`.
    """,
    source="The spec language, `deletion_protection`",
    example="""
        -tags: { "secretgen:protected": "true" }
        +defaults: { deletion_protection: true }
    """,
)
def _reserved(context: Context) -> Findings:
    for blank, key, _ in _written(context):
        if key.casefold() == PROTECTION_TAG:
            yield Finding(
                blank.path,
                f"tag {key!r} is set by secretgen",
                "Delete it, and set 'deletion_protection' instead.",
                at_key=True,
                secret=blank.secret,
            )


@rule(
    "SG309",
    ERROR,
    "Required tag is missing",
    why="""
        `required_tags` lists the tags that every secret must have, so that each has an owner and a
        cost center. Add the tag to the secret or to the environment.
    """,
    source="https://docs.aws.amazon.com/securityhub/latest/userguide/secretsmanager-controls.html#secretsmanager-5",
    example="""
         required_tags: [Owner]
         secrets:
        -  app/key: { tags: { Team: platform } }
        +  app/key: { tags: { Owner: platform } }
    """,
)
def _required(context: Context) -> Findings:
    for i, tag in enumerate(context.spec.required_tags):
        if not context.knows("tags", tag) or tag in context.spec.tags:
            continue
        without = [
            secret
            for secret in context.secrets
            if tag not in secret.spec.tags and secret.places.knows(secret.path("tags", tag))
        ]
        if without and len(without) == len(context.secrets):
            yield _missing_everywhere(context, i, tag)
        else:
            for secret in without:
                written = _misspelt(tag, secret.spec.tags, context)
                yield secret.finding(
                    ("tags", written) if written else (),
                    *_missing(tag, written),
                    suggestion=tag if written else "",
                    at_key=True,
                )


def _missing_everywhere(context: Context, index: int, tag: str) -> Finding:
    written = _misspelt(tag, context.spec.tags, context)
    if written:
        summary, detail = _missing(tag, written)
        return Finding(("tags", written), summary, detail, suggestion=tag, at_key=True)
    return Finding(
        ("required_tags", index),
        f"no secret has the required tag {tag!r}",
        "Add it under 'tags', for the whole environment or for each secret.",
    )


def _misspelt(tag: str, tags: dict[str, str], context: Context) -> str:
    """Finds the tag that was meant to be a required one."""
    return context.guess(tag, [key for key in tags if key not in context.spec.required_tags])


def _missing(tag: str, written: str) -> tuple[str, str]:
    if written:
        return f"{written!r} is not the required tag {tag!r}", f"Did you mean {tag!r}?"
    return f"missing the required tag {tag!r}", "Add it under 'tags'."
