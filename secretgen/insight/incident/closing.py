"""The first part of a runbook: how the way in is closed."""

from __future__ import annotations

import shlex
from collections.abc import Iterator

from secretgen.insight.incident.exposure import Exposure, Incident

_DENY_OLDER = (
    '{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"*","Resource":"*",'
    '"Condition":{"DateLessThan":{"aws:TokenIssueTime":"\'"$NOW"\'"}}}]}'
)
_SINCE = 'NOW="$(date -u +%Y-%m-%dT%H:%M:%SZ)"'
_POLICY = "RevokeOlderSessions"


def closing(exposure: Exposure, folder: str) -> Iterator[str]:
    """Yields the lines that close the way in.

    Args:
        exposure: what can be read and written.
        folder: folder of the environment's root module.
    """
    if exposure.incident is Incident.KEY:
        yield from paragraph(f"Disable the key, with credentials of its account. {_TEMPORARY}")
        yield from shell(
            f"aws sts get-access-key-info --region={exposure.environment.aws.region}"
            ' --access-key-id="${KEY_ID:?id of the key}"',
            'aws iam update-access-key --access-key-id="${KEY_ID:?}" --status=Inactive'
            ' --user-name="${NAME:?name of the user}"',
        )
    if exposure.incident is Incident.LEAVER:
        yield from paragraph(
            "Disable the person's sign-in, in IAM Identity Center or in your identity provider. "
            "Existing sessions last for up to 12 hours; end them now."
        )
    if exposure.is_whole_own_account and exposure.incident is Incident.ACCOUNT:
        yield from paragraph(
            "This account holds the secrets: its administrators read each of them, and no policy "
            "here keeps them out. Regain control of the account first, with AWS Support if "
            "necessary."
        )
        return
    if exposure.incident is not Incident.ACCOUNT:
        yield from _end_sessions(exposure)
    yield from paragraph(
        f"If that is not possible, remove the access: remove {_listed(exposure)} from `readers` "
        "and `writers` in the spec, then render and apply:"
    )
    yield from apply(folder)


_TEMPORARY = (
    "One that begins with `ASIA` is part of a session and cannot be disabled: end the sessions."
)


def _end_sessions(exposure: Exposure) -> Iterator[str]:
    account, sets = exposure.account_id, exposure.permission_sets
    names = [shlex.quote(r.rpartition("/")[2]) for r in exposure.roles if r not in sets]
    if names:
        yield from paragraph(
            f"End the sessions of the role, with credentials of account {account}. Legitimate "
            "users of the role get new credentials automatically; stolen credentials stop "
            "working."
        )
        yield from shell(
            _SINCE,
            *(
                f"aws iam put-role-policy --role-name={name} --policy-name={_POLICY}"
                f" --policy-document='{_DENY_OLDER}'"
                for name in names
            ),
        )
        yield from paragraph(
            "After twelve hours all of these sessions have expired. Delete the policy:"
        )
        yield from shell(*(
            f"aws iam delete-role-policy --role-name={name} --policy-name={_POLICY}"
            for name in names
        ))  # fmt: skip
    if sets:
        listed = ", ".join(f"`{name}`" for name in sets)
        yield from paragraph(
            f"AWS owns the role of the permission set {listed}: no policy here ends its sessions, "
            "which last as long as the permission set allows. Remove the affected users from its "
            "assignments; if that is not fast enough, remove the access as below."
        )


def _listed(exposure: Exposure) -> str:
    account = exposure.who.partition(":")[0]
    return ", ".join(f"`{account}:{role}`" for role in exposure.roles) or f"`{exposure.who}`"


def apply(folder: str) -> list[str]:
    """Returns the commands that render and apply a changed spec."""
    place = shlex.quote(folder)
    return shell(
        "secretgen render &&",
        f"  terraform -chdir={place} plan -out=saved.tfplan &&",
        f"  terraform -chdir={place} apply saved.tfplan",
    )


def paragraph(text: str) -> list[str]:
    """Returns a paragraph or a heading."""
    return [text, ""]


def shell(*commands: str) -> list[str]:
    """Returns a block of commands."""
    return ["```sh", *commands, "```", ""]
