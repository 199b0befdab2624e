"""Changes that lose something: words for a secret, a key, a replica or a Region that leaves."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from msgspec import Struct

from secretgen.change.effects import Change, Effect, Option, all_of, days, path_of, yaml_text
from secretgen.change.hazards import DELETED_IN_AWS, KEY_LEAVES, REPLICA_LEAVES, SECRET_LEAVES
from secretgen.model.changes import Kind, Subject, key_of, replica, secret, shared_key
from secretgen.model.compare import Path


class SecretLoss(Struct, frozen=True):
    """A secret that leaves or is replaced.

    Args:
        name: its name.
        recovery_window_days: days between its deletion and its loss; None when not known.
        has_own_key: whether its own key goes with it.
        replicas: Regions of replicas that go with it.
        likely_name: name that it most likely has now; empty for none.
        replaced: whether Terraform would create another one in its place.
    """

    name: str
    recovery_window_days: int | None = None
    has_own_key: bool = False
    replicas: tuple[str, ...] = ()
    likely_name: str = ""
    replaced: bool = False


def secret_leaves(loss: SecretLoss) -> Change:
    """Describes the loss of a secret."""
    subject = secret(loss.name)
    others = ["its key"] if loss.has_own_key else []
    others += [f"its replicas in {all_of(loss.replicas)}"] if loss.replicas else []
    with_others = f", with {all_of(others)}" if others else ""
    if loss.replaced:
        summary = f"secret {loss.name} would be replaced by an empty one"
    elif loss.likely_name:
        summary = f"secret {loss.name} would be destroyed: it looks renamed to {loss.likely_name}"
    else:
        summary = f"secret {loss.name} would be destroyed"
    detail = f"Terraform would destroy it{with_others}. {_end(loss.recovery_window_days)}"
    if loss.likely_name:
        detail += (
            f" AWS cannot rename a secret, and {loss.likely_name} would have no value. To rename"
            f" it, keep {loss.name} next to {loss.likely_name}, copy the value, switch the"
            f" readers, and remove {loss.name} in a later change."
        )
    return Change(
        subject,
        path_of(subject),
        Effect.REPLACE if loss.replaced else Effect.DESTROY,
        summary,
        detail,
        SECRET_LEAVES,
        (
            Option(f"destroy: {yaml_text(str(subject))}", f"deleted in AWS{with_others}"),
            Option(
                f"forget: {yaml_text(str(subject))}", "stays in AWS, no longer managed by Terraform"
            ),
        ),
        (subject,),
        near=("secrets", loss.likely_name) if loss.likely_name else (),
    )


def _end(window: int | None) -> str:
    if window is None:
        return "AWS deletes its value after the recovery window."
    return f"AWS deletes its value {f'after {days(window)}' if window else 'at once'}."


def service_secret_leaves(name: str, *, replaced: bool = False) -> Change:
    """Describes the loss of the rotation of a secret that an AWS service owns.

    Args:
        name: the entry of the spec.
        replaced: whether the entry is about another secret now.
    """
    subject = Subject(Kind.SERVICE_SECRETS, name)
    forget = f"forget: {yaml_text(str(subject))}"
    detail = "Terraform would cancel the rotation that the AWS service has set up for its secret."
    if replaced:
        detail += " Give the other secret an entry of its own, under another name."
    return Change(
        subject,
        (*path_of(subject), "arn") if replaced else path_of(subject),
        Effect.REPLACE if replaced else Effect.DESTROY,
        f"rotation of service secret {name} would be switched off",
        detail,
        SECRET_LEAVES,
        () if replaced else (Option(forget, "stays on, no longer managed by Terraform"),),
        (subject,),
    )


class KeyLoss(Struct, frozen=True):
    """A KMS key that leaves or is replaced.

    Args:
        name: name of the shared key, or of the secret whose own key it is.
        dedicated: whether it is a secret's own.
        deletion_window_days: days between its deletion and its loss; None when not known.
        regions: where it leaves, if it stays in others; empty for everywhere.
        users: secrets that were encrypted with it and stay.
        forgotten: secrets that are encrypted with it, leave the state and stay in AWS.
        likely_name: name that a shared key most likely has now; empty for none.
        allowing: subjects that an entry of `changes` may name; nothing for the key itself.
        replaced: whether Terraform would create another one in its place.
        is_forgotten: whether it leaves the state and stays in AWS.
        moved_to: what an entry of `changes` moves it to.
        is_moved: whether it can be moved there: that name is free.
    """

    name: str
    dedicated: bool
    deletion_window_days: int | None = None
    regions: tuple[str, ...] = ()
    users: tuple[str, ...] = ()
    forgotten: tuple[str, ...] = ()
    likely_name: str = ""
    allowing: tuple[Subject, ...] = ()
    replaced: bool = False
    is_forgotten: bool = False
    moved_to: Subject | None = None
    is_moved: bool = False


def key_leaves(loss: KeyLoss) -> Change:
    """Describes the loss of a key."""
    subject = key_of(loss.name, dedicated=loss.dedicated)
    path: Path = ("secrets", loss.name, "kms_key") if loss.dedicated else ("keys", loss.name)
    what = f"key of secret {loss.name}" if loss.dedicated else f"shared key {loss.name}"
    if loss.regions:
        what += f" in {all_of(loss.regions)}"
        path = (*path, "regions", loss.regions[0])
    allowing = loss.allowing or (subject,)
    if loss.is_forgotten or loss.is_moved:
        summary, detail = f"{what} would be moved in the state", f"It becomes {loss.moved_to}."
        if loss.is_forgotten:
            summary = f"{what} would leave the state and stay in AWS"
            detail = "Terraform no longer manages it."
            if loss.forgotten:
                detail += f" It still encrypts {all_of(loss.forgotten)} in AWS."
        effect = Effect.FORGET if loss.is_forgotten else Effect.MOVE
        return Change(subject.whole, path, effect, summary, detail, KEY_LEAVES, allowing=allowing)
    summary = f"{what} would be {'replaced' if loss.replaced else 'destroyed'}"
    if loss.likely_name:
        summary += f": it looks renamed to {loss.likely_name}"
    return Change(
        subject.whole,
        path,
        Effect.REPLACE if loss.replaced else Effect.DESTROY,
        summary,
        _key_detail(loss),
        KEY_LEAVES,
        _key_options(loss, subject, allowing),
        allowing,
        near=("keys", loss.likely_name) if loss.likely_name else (),
    )


def deleted_in_aws(
    subject: Subject, what: str, restore: str, *, users: Sequence[str] = ()
) -> Change:
    """Describes that Terraform has something in its state that AWS no longer has.

    Args:
        subject: what it belongs to.
        what: the secret or key, in words.
        restore: the command of the AWS CLI that undoes its deletion.
        users: secrets that a key encrypts, of which Terraform creates no other one.
    """
    summary = f"{what} was deleted in AWS, and Terraform would create another one"
    loss = "The new one holds nothing of the old one."
    if users:
        summary = f"{what} was deleted in AWS, and it encrypts {all_of(users)}"
        loss = "Once AWS has deleted it, versions that it encrypts can never be read again."
    return Change(
        subject.whole,
        path_of(subject) or ("environment",),
        Effect.NONE if users else Effect.CREATE,
        summary,
        f"{loss} While AWS keeps it, undo its deletion, and create the plan again: {restore}",
        DELETED_IN_AWS,
        allowing=(subject,) if users else (),
    )


def _key_detail(loss: KeyLoss) -> str:
    window = loss.deletion_window_days
    when = f"after {days(window)}" if window is not None else "after its deletion window"
    detail = f"Terraform would schedule it for deletion, and AWS deletes it {when}."
    if loss.moved_to:
        detail += f" It is not moved to {loss.moved_to}, because a key of that name exists already."
    if loss.users:
        detail += (
            f" {all_of(loss.users)} would get another key first; versions that are still"
            " encrypted with this one can never be read again."
        )
    elif not loss.forgotten:
        detail += " Data that is still encrypted with it then can never be read again."
    if loss.forgotten:
        detail += (
            f" {all_of(loss.forgotten)} would stay in AWS, encrypted with this key, and could never"
            " be read again."
        )
    return detail


def _key_options(
    loss: KeyLoss, subject: Subject, allowing: Sequence[Subject]
) -> tuple[Option, ...]:
    if loss.likely_name:
        move = f"move: {{ from: {subject}, to: {shared_key(loss.likely_name)} }}"
        return (Option(move, "keeps the key under its new name"),)
    options = [Option(f"destroy: {yaml_text(str(what))}", "deleted in AWS") for what in allowing]
    if loss.regions and loss.forgotten:
        entry = f"destroy: {Subject(Kind.REGIONS, loss.regions[0])}"
        options.insert(0, Option(entry, "this key stays in AWS, no longer managed by Terraform"))
    if not loss.dedicated and not loss.regions:
        kept = "stays in AWS, no longer managed by Terraform"
        options.append(Option(f"forget: {yaml_text(str(subject))}", kept))
    return tuple(options)


def replica_leaves(name: str, region: str, *, has_own_key: bool, is_last: bool) -> Change:
    """Describes the loss of a replica of a secret that stays.

    Args:
        name: the secret.
        region: Region of the replica.
        has_own_key: whether a key of the environment in that Region goes with it.
        is_last: whether the secret has no other replica, and the provider removes none.
    """
    subject = replica(name, region)
    detail = f"AWS would delete the copy of the secret in {region}: its readers there would fail."
    if has_own_key:
        detail += " Its key there would be scheduled for deletion."
    if is_last:
        detail += (
            " The AWS provider does not remove the last replica of a secret, so the plan fails "
            f"until you run: aws secretsmanager remove-regions-from-replication --secret-id {name} "
            f"--remove-replica-regions {region}"
        )
    return Change(
        subject.whole,
        ("secrets", name, "replicas", region),
        Effect.DESTROY,
        f"replica of secret {name} in {region} would be removed",
        detail,
        REPLICA_LEAVES,
        (Option(f"destroy: {yaml_text(str(subject))}", "this replica and its key"),),
        (subject,),
    )


def region_leaves(region: str, secrets: Iterable[str]) -> Change:
    """Describes that nothing uses a Region any more, so that its provider leaves.

    Args:
        region: the Region.
        secrets: the secrets with replicas there.
    """
    subject = Subject(Kind.REGIONS, region)
    return Change(
        subject,
        path_of(subject),
        Effect.DESTROY,
        f"Region {region} would no longer be used",
        f"{all_of(sorted(secrets))} had replicas there. Without a provider for the Region Terraform"
        " cannot destroy what is there: the plan fails with 'Provider configuration not present'.",
        REPLICA_LEAVES,
        (Option(f"destroy: {subject}", "everything there"),),
        (subject,),
    )
