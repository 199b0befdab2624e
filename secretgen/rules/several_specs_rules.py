"""Rules about several specs together: what two environments cannot both have."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from msgspec import Struct

from secretgen.diagnostics import Diagnostic, Path, Severity
from secretgen.model.environment import Environment
from secretgen.model.names import bootstrap_state_key
from secretgen.rules.rule import described
from secretgen.spec.load import LoadedSpec

RULES = (
    described(
        "SG405",
        "Environment described by two specs",
        why="""
            All files of an environment are rendered from one spec. Two specs would overwrite each
            other's files.
        """,
        source="The spec language, `environment`",
    ),
    described(
        "SG470",
        "State shared by two specs",
        why="""
            Terraform destroys resources that are in the state and not in the configuration. If two
            specs use one state, each apply plans to destroy the secrets of the other.
        """,
        source="https://developer.hashicorp.com/terraform/language/backend/s3",
    ),
    described(
        "SG471",
        "Secret described by two specs",
        why="""
            The name of a secret is unique in its account and Region, including replicas. The second
            apply fails with ResourceExistsException. If two states import the same secret, each
            apply reverts the other's changes. The same is true for the rotation of a secret that an
            AWS service owns: if one spec removes it, the rotation ends for both.
        """,
        source="https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_CreateSecret.html",
    ),
    described(
        "SG472",
        "Role created by two specs",
        why="""
            The name of a role is unique in its account, regardless of its path and case. The apply
            in the second environment's consumer folder fails with EntityAlreadyExists. With
            `existing: true` the second environment only attaches its own policies to the role.
        """,
        source="https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html",
    ),
    described(
        "SG473",
        "State bucket or lock table created by two specs",
        why="""
            The name of a bucket is unique in its partition, the name of a table in its account and
            Region. Only one bootstrap folder can create them, and destroying it deletes the state
            of both environments.
        """,
        source="https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html",
    ),
)


class _Definition(Struct, frozen=True):
    """Something that only one spec of a project may have.

    Args:
        rule: the rule that a second definition breaks.
        what: identifies it.
        path: where the spec defines it.
        summary: what it is, as the subject of the summary of a finding.
        detail: what to do.
        at_key: point at the key.
    """

    rule: str
    what: tuple[str, ...]
    path: Path
    summary: str
    detail: str
    at_key: bool = False


def clashes(
    specs: Iterable[LoadedSpec], others: Iterable[LoadedSpec] = ()
) -> list[tuple[LoadedSpec, Diagnostic]]:
    """Compares specs with each other.

    Args:
        specs: the specs that the findings are about.
        others: further specs of the project; nothing is said about two of them.

    Returns:
        One finding, with its spec, for each place in a spec that defines what another spec, or a
        spec before it, defines. Two specs of one environment have everything in common: that is
        one finding.
    """
    owners: dict[tuple[str, ...], LoadedSpec] = {}
    for other in others:
        for definition in _definitions(other):
            owners.setdefault((definition.rule, *definition.what), other)
    found = []
    for loaded in specs:
        same: set[str] = set()
        told: set[tuple[str, Path]] = set()
        for definition in _definitions(loaded):
            owner = owners.setdefault((definition.rule, *definition.what), loaded)
            about = (definition.rule, definition.path)
            if owner.file in {loaded.file, *same} or about in told:
                continue
            if definition.rule == "SG405":
                same.add(owner.file)
            told.add(about)
            found.append((loaded, _finding(definition, loaded, owner.file)))
    return found


def _finding(definition: _Definition, loaded: LoadedSpec, owner: str) -> Diagnostic:
    places = loaded.places
    return Diagnostic(
        definition.rule,
        Severity.ERROR,
        f"{definition.summary} is also in {owner}",
        definition.detail,
        places.key(definition.path) if definition.at_key else places.value(definition.path),
        places.written(definition.path),
    )


def _definitions(loaded: LoadedSpec) -> Iterator[_Definition]:
    """Yields what a spec defines, as far as it could be understood; its environment first."""
    environment, knows = loaded.environment, loaded.places.knows
    if environment is None:
        return
    for needs, definitions in _PARTS:
        if all(knows((part,)) for part in needs):
            yield from (found for found in definitions(environment) if knows(found.path))


def _environment(environment: Environment) -> Iterator[_Definition]:
    yield _Definition(
        "SG405",
        (environment.name,),
        ("environment",),
        f"environment {environment.name}",
        "Give each spec an environment of its own.",
    )


def _state(environment: Environment) -> Iterator[_Definition]:
    aws, backend = environment.aws, environment.backend
    own = (bootstrap_state_key(backend.key),) if backend.bootstrap else ()
    for key in (backend.key, *own):
        yield _Definition(
            "SG470",
            (aws.partition, backend.bucket, key),
            ("backend", "key"),
            f"state s3://{backend.bucket}/{key}",
            "Give each spec a backend.key of its own: with one state, each apply would destroy"
            " the secrets of the other.",
        )


def _secrets(environment: Environment) -> Iterator[_Definition]:
    aws = environment.aws
    for secret in environment.secrets:
        for region in (aws.region, *(replica.region for replica in secret.replicas)):
            yield _Definition(
                "SG471",
                (aws.partition, aws.account_id, region, secret.name),
                ("secrets", secret.name),
                f"secret {secret.name} in {region} of account {aws.account_id}",
                "Leave the secret to one spec, or give it another name here.",
                at_key=True,
            )


def _service_secrets(environment: Environment) -> Iterator[_Definition]:
    for secret in environment.service_secrets:
        _, partition, _, region, account, *_ = secret.arn.split(":")
        yield _Definition(
            "SG471",
            (partition, account, region, secret.secret_name),
            ("service_secrets", secret.name, "arn"),
            f"secret {secret.secret_name} in {region} of account {account}",
            "Set its rotation in one spec only: removing it from one would switch it off for the"
            " other.",
        )


def _roles(environment: Environment) -> Iterator[_Definition]:
    for account in environment.accounts:
        for role in account.roles:
            if role.trust is None:
                continue
            yield _Definition(
                "SG472",
                (environment.aws.partition, account.id, role.name.rpartition("/")[2].lower()),
                ("accounts", account.name),
                f"role {role.name} of account {account.id}",
                "Write `existing: true` for it in 'roles' of the account, or name another one.",
                at_key=True,
            )


def _bootstrap(environment: Environment) -> Iterator[_Definition]:
    aws, backend = environment.aws, environment.backend
    if not backend.bootstrap:
        return
    detail = "Write `bootstrap: false` under backend, or name another one here."
    yield _Definition(
        "SG473",
        ("bucket", aws.partition, backend.bucket),
        ("backend", "bucket"),
        f"state bucket {backend.bucket}",
        detail,
    )
    if backend.dynamodb_table:
        yield _Definition(
            "SG473",
            ("table", aws.partition, aws.account_id, backend.region, backend.dynamodb_table),
            ("backend", "dynamodb_table"),
            f"lock table {backend.dynamodb_table}",
            detail,
        )


_PARTS = (
    ((), _environment),
    (("backend", "environment"), _state),
    (("aws",), _secrets),
    ((), _service_secrets),
    (("aws",), _roles),
    (("aws", "backend"), _bootstrap),
)
"""What yields definitions, and the parts of a spec that have to be understood for it."""
