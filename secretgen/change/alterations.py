"""Changes of what stays: words for values, keys, rotation, protection and places."""

from __future__ import annotations

from collections.abc import Sequence

from secretgen.change.effects import Change, Effect, all_of, path_of
from secretgen.change.hazards import (
    BEGINS_ANEW,
    FOLDER_LEAVES,
    KEY_CHANGES,
    LITERAL_NOT_WRITTEN,
    POLICY_SWITCHED,
    PROTECTION_OFF,
    ROTATION_SWITCHED,
    SLOWER,
    VALUE_OVERWRITTEN,
)
from secretgen.model.changes import Kind, Subject, secret
from secretgen.model.compare import Path

ENVIRONMENT = Subject(Kind.ENVIRONMENT)


def _of_secret(name: str, *attribute: str) -> tuple[Subject, Path]:
    """Returns a secret, and the path of an attribute of it."""
    subject = secret(name)
    return subject, (*path_of(subject), *attribute)


def identity_changed(path: Path, what: str, before: str, after: str, detail: str) -> Change:
    """Describes that the environment is at another place, where Terraform finds no state of it.

    Args:
        path: the attribute.
        what: what it is.
        before: what it was.
        after: what it is from now on.
        detail: what Terraform would do, and how to move.
    """
    summary = f"{what} would change from {before} to {after}"
    return Change(ENVIRONMENT, path, Effect.REPLACE, summary, detail, BEGINS_ANEW)


def value_overwritten(
    name: str, before: int | None, after: int | None, *, path: Path = ("value", "version")
) -> Change:
    """Describes that Terraform would write over the value of a secret that rotates.

    Args:
        name: the secret.
        before: the version that was written last; None when Terraform has written none.
        after: the version that is to be written.
        path: the attribute, below the secret.
    """
    keep = f"Keep `version: {before}`" if before else "Keep `value: { from: external }`"
    return Change(
        *_of_secret(name, *path),
        Effect.REPLACE,
        f"secret {name}: value version {after} would overwrite the rotated value",
        "The rotation has replaced the value that Terraform wrote, and the database knows only"
        f" the rotated one. {keep}; to change a rotated value, rotate it now: aws secretsmanager"
        f" rotate-secret --secret-id {name}",
        VALUE_OVERWRITTEN,
    )


def live_value_written(
    name: str, before: int | None, after: int | None, *, path: Path = ("value", "version")
) -> Change:
    """Describes that Terraform writes the value of a secret that exists.

    Args:
        name: the secret.
        before: the version of the value in the state; None for none.
        after: the version that is to be written; None when it is not known.
        path: the attribute, below the secret.
    """
    version = "" if after is None else f" version {after}"
    was = "without a value of Terraform's" if before is None else f"with version {before}"
    return Change(
        *_of_secret(name, *path),
        Effect.REPLACE,
        f"secret {name}: value{version} would overwrite the live value",
        f"The secret exists {was}. Terraform would replace its current value. To keep that"
        " value, leave `version` unchanged, or write `value: { from: external }`.",
        VALUE_OVERWRITTEN,
    )


def literal_not_written(
    name: str, field: str, path: Path, *, written: Sequence[str], rotates: bool, version: int
) -> Change:
    """Describes that a field of a JSON value changes, and the value is not written again.

    Args:
        name: the secret.
        field: the field.
        path: where the model has it.
        written: what else a new version writes: the fields that are no literals.
        rotates: whether the secret rotates, so that no new version may be written.
        version: the version of the value.
    """
    if rotates:
        advice = (
            "The secret rotates, so a new version would overwrite the rotated password. Change"
            " this field of the value in AWS, for example with aws secretsmanager"
            " put-secret-value."
        )
    else:
        others = f", which also writes {all_of(written)} again" if written else ""
        advice = f"Raise `version` to {version + 1} to write the value again{others}."
    return Change(
        secret(name),
        path,
        Effect.NONE,
        f"secret {name}: field {field} changes, but its value is not written again",
        f"AWS keeps the value as it is, because its version stays {version}. {advice}",
        LITERAL_NOT_WRITTEN,
    )


def folder_leaves(subject: Subject, path: Path, folder: str, holds: str, detail: str) -> Change:
    """Describes that the root module of a consumer account or of the bootstrap leaves.

    Args:
        subject: the account, or the environment.
        path: where the model has it.
        folder: the folder of the root module, relative to that of the environment.
        holds: what its state holds.
        detail: what to do.
    """
    return Change(
        subject,
        path,
        Effect.NONE,
        f"{folder} would be removed, and the resources in its state stay behind",
        f"Nothing manages {holds} any more. {detail}",
        FOLDER_LEAVES,
    )


def environment_leaves(folder: str, spec: str) -> Change:
    """Describes that the folder of an environment leaves, because its spec is no longer there."""
    detail = f"{spec} no longer exists. Run `terraform destroy` first, or keep the state."
    return folder_leaves(ENVIRONMENT, ("environment",), folder, "its secrets and keys", detail)


def key_changes(name: str, before: str, after: str, *, region: str = "") -> Change:
    """Describes that a secret, or a replica of it, gets another key.

    Args:
        name: the secret.
        before: its key.
        after: its key from now on.
        region: Region of the replica; empty for the secret itself.
    """
    where = f" in {region}" if region else ""
    if region:
        detail = (
            "Terraform removes the replica and replicates the secret again: until then it cannot"
            f" be read in {region}."
        )
    else:
        detail = (
            "AWS encrypts the current version with the new key; earlier versions stay encrypted"
            " with the old one. Readers need access to the new key: the rendered policies grant it."
        )
    own = ("replicas", region, "kms_key") if region else ("kms_key",)
    return Change(
        *_of_secret(name, *own),
        Effect.REPLACE if region else Effect.UPDATE,
        f"secret {name}{where} would change its key from {before} to {after}",
        detail,
        KEY_CHANGES,
    )


def rotation_ends(name: str) -> Change:
    """Describes that a secret no longer rotates."""
    return Change(
        *_of_secret(name, "rotation"),
        Effect.DESTROY,
        f"secret {name} would no longer rotate",
        "Terraform cancels the rotation. The current value stays valid until it is changed "
        "manually.",
        ROTATION_SWITCHED,
    )


def rotation_begins(name: str, *, immediately: bool) -> Change:
    """Describes that a secret that has a value begins to rotate."""
    when = "as soon as this is applied" if immediately else "in the first rotation window"
    return Change(
        *_of_secret(name, "rotation"),
        Effect.CREATE,
        f"secret {name} would start to rotate",
        f"The rotation function replaces its value {when}: clients that keep a copy of the value "
        "stop working then.",
        ROTATION_SWITCHED,
    )


def policy_switched(name: str, *, managed: bool) -> Change:
    """Describes that the resource policy of a secret begins or ceases to be managed.

    Args:
        name: the secret.
        managed: whether it is managed from now on.
    """
    if managed:
        summary = f"secret {name}: its resource policy would be overwritten"
        detail = (
            "Terraform replaces the current resource policy with the rendered one. To see the "
            "difference in a plan first, add `import` with `policy: true` to `changes`."
        )
    else:
        summary = f"secret {name}: its resource policy would no longer be managed"
        detail = (
            "Terraform removes the policy from its state and deletes nothing: AWS keeps it as it "
            "was last applied. Later changes of readers, writers or the organization do not update "
            "it."
        )
    return Change(
        *_of_secret(name, "policy"),
        Effect.UPDATE if managed else Effect.FORGET,
        summary,
        detail,
        POLICY_SWITCHED,
    )


def slower(subject: Subject, path: Path, what: str, before: str, after: str) -> Change:
    """Describes that something that protects a value is slower or shorter.

    Args:
        subject: the secret or the key.
        path: where the model has the attribute.
        what: what it is.
        before: what it was.
        after: what it is from now on.
    """
    words = {Kind.SECRETS: "secret", Kind.SERVICE_SECRETS: "service secret"}
    named = f"{words.get(subject.kind, 'key')} {subject.name}"
    return Change(
        subject,
        path,
        Effect.UPDATE,
        f"{named}: {what} would change from {before} to {after}",
        "A leaked value stays valid for longer, or there is less time to undo a deletion.",
        SLOWER,
    )


def trail_leaves() -> Change:
    """Describes that the environment no longer has a trail of its own."""
    return Change(
        ENVIRONMENT,
        ("monitoring", "cloudtrail"),
        Effect.DESTROY,
        "the trail and the key of its logs would be destroyed",
        "API calls are no longer recorded by this trail. Terraform deletes its log group and "
        "schedules its key for deletion after 30 days; then the logs in the bucket cannot be "
        "read. AWS does not delete a bucket with logs in it, so the apply fails there. Copy the "
        "logs to another bucket first, with another key.",
        PROTECTION_OFF,
    )


def rotation_fails(name: str, function: str, permission: str) -> Change:
    """Describes that a forgotten secret keeps its rotation, but not the permission for it.

    Args:
        name: the secret.
        function: ARN of its rotation function.
        permission: address of the permission to invoke the function.
    """
    return Change(
        *_of_secret(name, "rotation"),
        Effect.DESTROY,
        f"secret {name} would stay, but no longer rotate",
        f"Terraform destroys the permission to invoke {function} for it, and each later rotation"
        f" fails. To keep it, add to `changes`:\n  - forget: {permission}",
        ROTATION_SWITCHED,
    )


def protection_off(name: str) -> Change:
    """Describes that nothing protects a secret from its deletion any more."""
    return Change(
        *_of_secret(name, "deletion_protection"),
        Effect.UPDATE,
        f"secret {name} would lose its deletion protection",
        "Once this is applied, removing this secret from the spec destroys the secret and its "
        "key without further confirmation. Switch the protection on again if the secret is to "
        "stay.",
        PROTECTION_OFF,
    )
