"""What a policy of an environment names: its secrets, keys and functions, within IAM's limits."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence
from posixpath import commonprefix

from msgspec import Struct

from secretgen.model.changes import Kind, Subject
from secretgen.model.environment import Aws, Environment
from secretgen.model.names import secret_arn_pattern
from secretgen.model.secret import Source
from secretgen.policy.documents import Document, Statement, policy_document
from secretgen.policy.events import coverings
from secretgen.policy.role_policies import MANAGED_LIMIT, policy_size


class Scope(Struct, frozen=True):
    """What a policy is about.

    Args:
        environment: the environment.
        secrets: names of its secrets, or prefixes of names.
        written: the same of those whose value Terraform writes.
        functions: ARNs of its rotation functions, or one pattern for all.
    """

    environment: Environment
    secrets: tuple[str, ...]
    written: tuple[str, ...]
    functions: tuple[str, ...]

    def arns(self, names: Sequence[str], region: str = "*") -> list[str]:
        """ARN patterns of secrets in a Region, or in any."""
        exact = set(secret_names(self.environment))
        aws = self.environment.aws
        return [
            arn if name in exact else f"{arn.removesuffix('-??????')}*"
            for name in names
            for arn in [secret_arn_pattern(aws, name, region)]
        ]

    @property
    def new_arns(self) -> list[str]:
        """ARNs of secrets that are being created: their random characters are not there yet."""
        ends = "-??????"
        arns = self.arns(self.secrets, self.environment.aws.region)
        return [arn.removesuffix(ends) for arn in arns if arn.endswith(ends)]

    @property
    def key_arns(self) -> list[str]:
        """ARN patterns of the keys that secrets and replicas use."""
        return [key_pattern(self.environment.aws), *foreign_keys(self.environment)]


def secret_names(environment: Environment) -> list[str]:
    """Returns the names of the secrets, and of those that leave: Terraform looks at these, too."""
    changes = environment.changes
    leaving = [*(d.what for d in changes.destroys), *(f.what for f in changes.forgets)]
    named = {w.name for w in leaving if isinstance(w, Subject) and w.kind is Kind.SECRETS}
    return sorted(named | {s.name for s in environment.secrets})


def foreign_keys(environment: Environment) -> list[str]:
    """Returns the ARNs of keys of other accounts that secrets and replicas use."""
    secrets = environment.secrets
    used = {s.kms_key for s in secrets} | {r.kms_key for s in secrets for r in s.replicas}
    return sorted(
        arn
        for arn in used
        if arn and arn.startswith("arn:") and arn.split(":")[4] != environment.aws.account_id
    )


def regions(environment: Environment) -> list[str]:
    """Returns every Region of an environment."""
    return [environment.aws.region, *environment.replica_regions]


def key_pattern(aws: Aws) -> str:
    """ARN pattern of the keys of an account."""
    return aws.arn("kms", "key/*", "*")


def fitting(environment: Environment, build: Callable[[Scope], list[Statement]]) -> Document:
    """Makes a document: with the most exact names of secrets for which there is room."""
    names = secret_names(environment)
    written = sorted(s.name for s in environment.secrets if s.value.source is not Source.EXTERNAL)
    for covering in coverings(names):
        secrets = covering if covering != ("",) else (_common_prefix(names),)
        for functions in (_functions(environment), _any_function(environment)):
            scope = Scope(environment, secrets, _of(written, names, secrets), functions)
            policy = policy_document(build(scope))
            if policy_size(policy) <= MANAGED_LIMIT:
                return policy
    raise AssertionError("a policy that names nothing fits")


def _common_prefix(names: list[str]) -> str:
    """What all names begin with, and none is as a whole."""
    prefix = commonprefix(names)
    return "" if prefix in names else prefix


def _of(written: list[str], names: list[str], covering: Iterable[str]) -> tuple[str, ...]:
    """Keeps the names, and the prefixes of names, of secrets whose value Terraform writes.

    Args:
        written: names of those secrets, sorted.
        names: names of all secrets.
        covering: the names and prefixes.
    """
    exact = set(names)

    def is_of(name: str) -> bool:
        at = bisect_left(written, name)
        if at == len(written):
            return False
        return written[at] == name or (name not in exact and written[at].startswith(name))

    return tuple(filter(is_of, covering))


def _functions(environment: Environment) -> tuple[str, ...]:
    rotations = [s.rotation for s in environment.secrets if s.rotation]
    named = {r.lambda_arn for r in rotations if r.lambda_arn}
    if any(r.application for r in rotations):
        named.add(f"{_function_prefix(environment)}{environment.name}-*")
    return tuple(sorted(named))


def _any_function(environment: Environment) -> tuple[str, ...]:
    return (f"{_function_prefix(environment)}*",) if _functions(environment) else ()


def _function_prefix(environment: Environment) -> str:
    aws = environment.aws
    return aws.arn("lambda", "function:")
