"""An import as text: what came in, what did not and why, and what to do next."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator

from secretgen.insight.plain_text import printable
from secretgen.model.words import counted
from secretgen.usecases.importing.addresses import Takeover
from secretgen.usecases.importing.existing import Rebuilding
from secretgen.usecases.importing.outcome import Outcome
from secretgen.usecases.importing.select import Skipped

_PURGE = """States hold values in plain text: the old state, its backups, and old versions of its
object in S3. After the move, rotate the values, or delete these versions
(`aws s3api list-object-versions`, `aws s3api delete-object --version-id`). Delete the file that
`terraform show -json` wrote."""


def as_text(outcome: Outcome, *, dry_run: bool) -> str:
    """Writes what an import came to."""
    text = "\n".join(_lines(outcome, dry_run=dry_run))
    return "".join(f"{printable(line)}\n" for line in text.split("\n"))


def _lines(outcome: Outcome, *, dry_run: bool) -> Iterator[str]:
    yield from _head(outcome, dry_run=dry_run)
    yield from _kept(outcome)
    yield from _block("Skipped, because a spec cannot express them:", outcome.left_out)
    yield from _block("Skipped:", outcome.skipped)
    yield from _refused(outcome)
    if outcome.imported:
        yield from ("", "The first apply adds to every imported secret:")
        yield from (f"  {addition}" for addition in outcome.added)
        yield "It writes no value, and creates no version."
    if outcome.takeover:
        yield from _takeover(outcome.takeover)
    yield from _rebuilding(outcome.rebuilding)
    if outcome.changes and not dry_run:
        yield from (
            "",
            "Next: `secretgen render`, then plan, and check the plan with `secretgen gate`.",
        )


def _rebuilding(found: Rebuilding) -> Iterator[str]:
    if found.entries:
        yield ""
        yield f"Import entries for what the spec had already: {len(found.entries)}."
    if found.written:
        yield (
            "The apply would overwrite the values of these secrets. Write `value: "
            "{ from: external }` first:"
        )
        yield from (f"  {name}" for name in found.written)
    if found.commands:
        yield "Terraform creates aliases and permissions again. Remove the old ones first:"
        yield from (f"  {command}" for command in found.commands)


def _head(outcome: Outcome, *, dry_run: bool) -> Iterator[str]:
    secrets = counted(len(outcome.imported), "secret")
    keys = f" and {counted(len(outcome.keys), 'key')}" if outcome.keys else ""
    yield f"{'Would import' if dry_run else 'Imported'} {secrets}{keys} into {outcome.file}."
    if outcome.present:
        yield f"The spec has {counted(outcome.present, 'secret')} already."
    if outcome.unwanted:
        yield f"Filters skip {counted(outcome.unwanted, 'secret')}."
    if outcome.imported:
        yield ""
    for name, arn in outcome.keys.items():
        yield f"  keys.{name}: {arn}"
        yield from (f"    {note}" for note in outcome.key_notes[name])
    for secret in outcome.imported:
        yield f"  {secret.name}"
        yield from (f"    {note}" for note in secret.notes)
    for account, roles in outcome.unwritten.items():
        yield ""
        yield f"A part has the account {account}. Write `existing: true` there, under 'roles', for:"
        yield f"  {', '.join(roles)}"


def _refused(outcome: Outcome) -> Iterator[str]:
    if outcome.refused:
        yield from ("", "AWS refused these calls, so some settings are unknown:")
        yield from (f"  {refusal.action} on {refusal.subject}" for refusal in outcome.refused)


def _kept(outcome: Outcome) -> Iterator[str]:
    if outcome.kept:
        yield from ("", "Keys that stay unmanaged; the spec has their ARN:")
    for arn, reason in outcome.kept.items():
        yield f"  {arn}"
        yield f"    {reason}"


def _block(heading: str, found: Iterable[Skipped]) -> Iterator[str]:
    for number, skipped in enumerate(found):
        if number == 0:
            yield from ("", heading)
        yield f"  {skipped.name}: {skipped.reason}"
        if skipped.statement is not None:
            yield f"    {json.dumps(skipped.statement, ensure_ascii=False)}"
        if skipped.hint:
            yield f"    {skipped.hint}"


def _takeover(found: Takeover) -> Iterator[str]:
    yield ""
    for layout in found.layouts:
        yield f"The state has the layout of {layout}."
    if found.state == "same":
        yield f"{counted(len(found.moved), 'resource')} of the state moved by 'changes'."
        yield f"{counted(len(found.forgotten), 'resource')} forgotten, to stay in AWS:"
        yield from (f"  {address}" for address in found.forgotten)
        yield "'backend' of the spec must name the old state. Delete the old configuration."
        if found.unrelated:
            yield "These are forgotten, too, and are no longer managed:"
            yield from (f"  {address}" for address in found.unrelated)
    else:
        yield from _other_state(found)
    yield ""
    yield _PURGE


def _other_state(found: Takeover) -> Iterator[str]:
    if found.unrelated:
        yield (
            "The state holds other resources, such as"
            f" {found.unrelated[0]}: the environment has a state of its own."
        )
    yield "After the first apply of the environment, let the old configuration forget them:"
    yield ""
    for address in found.removed:
        yield f"removed {{\n  from = {address}\n  lifecycle {{ destroy = false }}\n}}"
    for address in found.commands:
        yield f"terraform state rm '{address}'"
