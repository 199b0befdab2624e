"""An exposure as a runbook: Markdown whose commands can be run from top to bottom."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from typing import Any

from secretgen.insight.incident.closing import apply, closing, paragraph, shell
from secretgen.insight.incident.exposure import Exposed, Exposure, Incident, Method
from secretgen.insight.plain_text import one_line
from secretgen.model.names import variable
from secretgen.model.secret import Source
from secretgen.model.words import counted

_TITLES = {
    Incident.LEAVER: "A person with {} leaves",
    Incident.ROLE: "Credentials of {} leaked",
    Incident.KEY: "An access key for {} leaked",
    Incident.ACCOUNT: "Account {} leaked",
}


def runbook_text(exposure: Exposure, folder: str) -> str:
    """Writes the runbook.

    Args:
        exposure: what can be read and written.
        folder: folder of the environment's root module.
    """
    title = _TITLES[exposure.incident].format(f"`{exposure.who}`")
    lines = [f"# {title}: secrets of `{exposure.environment.name}`", ""]
    if not exposure.exposed:
        return "\n".join([*lines, "It can neither read nor write any secret.", ""])
    lines += [_summary(exposure), "", "## 1. Close", "", *closing(exposure, folder)]
    sections = {
        Method.ROTATION: ("AWS rotates", _rotation),
        Method.TERRAFORM: ("Terraform writes", _terraform),
        Method.HAND: ("By hand", _by_hand),
    }
    number = 2
    for method, (heading, write) in sections.items():
        if exposure.by(method):
            lines += [f"## {number}. {heading}", "", *write(exposure, folder)]
            number += 1
    if exposure.is_whole_own_account and exposure.environment.service_secrets:
        lines += [f"## {number}. AWS services own", "", *_of_services(exposure)]
        number += 1
    lines += [f"## {number}. Look back", "", *_look_back(exposure)]
    return "\n".join(lines)


def _summary(exposure: Exposure) -> str:
    reads = sum(bool(e.reads_in) for e in exposure.exposed)
    writes = sum(e.writes for e in exposure.exposed)
    can = [f"read {counted(reads, 'secret')}"] if reads else []
    can += [f"write {counted(writes, 'secret')}"] if writes else []
    text = f"It can {' and '.join(can)}."
    if any(e.depends for e in exposure.exposed):
        text += " Those marked *perhaps* depend on a policy that this environment does not manage."
    return f"{text} Close the access first: a value that is rotated before that can be read again."


def _rotation(exposure: Exposure, _folder: str) -> Iterator[str]:
    yield from paragraph("Readers that cache the old value fail until they fetch the new one.")
    for exposed in exposure.by(Method.ROTATION):
        yield from _heading(exposed)
        command = _rotate(exposure, exposed.secret.name)
        if exposed.alternates:
            yield from paragraph(
                "The rotation alternates between two users, and the next one leaves the leaked "
                "password valid. Rotate, wait until the rotation has ended, and rotate again."
            )
            yield from shell(command)
        yield from shell(command)
    if any(e.secret.rotation and e.secret.rotation.lambda_arn for e in exposure.exposed):
        yield from paragraph(
            "A function of your own that alternates between two users has to run twice as well."
        )


def _terraform(exposure: Exposure, folder: str) -> Iterator[str]:
    yield from paragraph("Raise the version of each in the spec, then render and apply once:")
    for exposed in exposure.by(Method.TERRAFORM):
        value = exposed.secret.value
        yield from _heading(exposed)
        yield f"{exposed.place}: `value.version: {(value.version or 1) + 1}`" + (
            "; its issuer has to create a new one and revoke the old one."
            if _variables(exposed)
            else "."
        )
        yield ""
    needed = [name for e in exposure.by(Method.TERRAFORM) for name in _variables(e)]
    if needed:
        yield from paragraph(
            "The apply asks for "
            + ", ".join(f"`{name}`" for name in needed)
            + f"; see Deployment in {folder}/README.md for how to pass values."
        )
    yield from apply(folder)


def _variables(exposed: Exposed) -> list[str]:
    secret = exposed.secret
    if secret.value.source is Source.VARIABLE:
        return [variable(secret.name)]
    return [
        variable(secret.name, field.name)
        for field in secret.value.fields
        if field.source is Source.VARIABLE
    ]


def _by_hand(exposure: Exposure, _folder: str) -> Iterator[str]:
    yield from paragraph(
        "Ask the owner for a new value and to revoke the old one where it was issued; until then, "
        "the old one stays valid. Paste the new one, then press Ctrl-D:"
    )
    for exposed in exposure.by(Method.HAND):
        yield from _heading(exposed)
        owner = _owner(exposure, exposed)
        if owner:
            yield from paragraph(owner)
        yield from shell(
            '(\n  VALUE="$(mktemp)" && trap \'stty echo; rm -f "$VALUE"\' EXIT &&',
            '  trap "exit 1" INT && stty -echo && cat > "$VALUE" &&',
            f"  aws secretsmanager put-secret-value --region={exposure.environment.aws.region}"
            f" --secret-id={shlex.quote(exposed.secret.name)}"
            ' --secret-string="file://$VALUE"',
            ")",
        )


def _owner(exposure: Exposure, exposed: Exposed) -> str:
    tags = {**exposure.environment.tags, **exposed.secret.tags}
    owners = [value for key, value in sorted(tags.items()) if key.lower() == "owner"]
    group = exposed.secret.group
    known = [f"Owner: {one_line(owner)}." for owner in owners]
    known += [f"Group: {one_line(group)}."] if group else []
    return " ".join(known)


def _of_services(exposure: Exposure) -> Iterator[str]:
    for secret in exposure.environment.service_secrets:
        yield from paragraph(f"### `{secret.name}`")
        yield from shell(_rotate(exposure, secret.arn))


def _rotate(exposure: Exposure, secret: str) -> str:
    return (
        f"aws secretsmanager rotate-secret --region={exposure.environment.aws.region}"
        f" --secret-id={shlex.quote(secret)}"
    )


def _look_back(exposure: Exposure) -> Iterator[str]:
    environment = exposure.environment
    regions = sorted({r for e in exposure.exposed for r in e.reads_in} | {environment.aws.region})
    mark = exposure.account_id
    if exposure.account_id == environment.aws.account_id and exposure.roles:
        mark = exposure.roles[0].rpartition("/")[2]
    yield from paragraph(
        "CloudTrail keeps 90 days of calls. To list reads and writes, use credentials of account "
        f"{environment.aws.account_id}; for a call from another account it shows the account "
        "only, and the trail of that account shows the role:"
    )
    query = f"Events[?contains(CloudTrailEvent, '{mark}')].[EventTime, Resources[0].ResourceName]"
    for event in ("GetSecretValue", *(["PutSecretValue"] if _writes(exposure) else [])):
        yield from shell(*(
            f"aws cloudtrail lookup-events --region={region} --lookup-attributes"
            f" AttributeKey=EventName,AttributeValue={event} --query={shlex.quote(query)}"
            " --output=text"
            for region in regions
        ))  # fmt: skip
    if _writes(exposure):
        yield from paragraph(
            "An intruder may have written a value of their own, and readers of the secret would "
            "use it. The new values above replace it."
        )
    yield from paragraph("Then check that no access is left:")
    yield from shell(f"secretgen access --who={shlex.quote(exposure.who)}")


def _writes(exposure: Exposure) -> bool:
    return any(e.writes for e in exposure.exposed)


def _heading(exposed: Exposed) -> Iterator[str]:
    yield from paragraph(f"### `{exposed.secret.name}`")
    can = [f"read in {', '.join(exposed.reads_in)}"] if exposed.reads_in else []
    can += ["written"] if exposed.writes else []
    perhaps = "perhaps " if exposed.depends else ""
    others = ", ".join(f"`{other}`" for other in exposed.others)
    notice = (
        f" Also read by {others}, which will notice." if others else (" No other role reads it.")
    )
    yield from paragraph(f"Can {perhaps}be {' and '.join(can)}.{notice}")


def runbook_data(exposure: Exposure) -> dict[str, Any]:
    """Makes the data of an exposure."""
    return {
        "environment": exposure.environment.name,
        "who": exposure.who,
        "account_id": exposure.account_id,
        "incident": exposure.incident.value,
        "secrets": [_exposed_data(e) for e in exposure.exposed],
    }


def _exposed_data(exposed: Exposed) -> dict[str, Any]:
    version = exposed.secret.value.version
    return {
        "secret": exposed.secret.name,
        "reads": list(exposed.reads_in),
        "writes": exposed.writes,
        "depends": exposed.depends,
        "method": exposed.method.value,
        "version": version + 1 if version and exposed.method is Method.TERRAFORM else None,
        "other_readers": list(exposed.others),
    }
