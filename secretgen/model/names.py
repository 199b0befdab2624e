"""Names derived from the spec's names: Terraform addresses, KMS aliases, ARNs.

A derived name depends on its own source alone, never on its neighbours: adding or removing
a secret moves no other address. No two sources share a derived name.
"""

from __future__ import annotations

import hashlib
import re
from functools import cache

from secretgen.model.environment import Aws, Environment, Key, Partition
from secretgen.model.secret import Reader

PROTECTION_TAG = "secretgen:protected"
"""Key of the tag that says whether AWS itself keeps a secret or a key from being destroyed."""

PERMISSION_SET_PATH = "aws-reserved/sso.amazonaws.com/"
"""Path of the roles of permission sets; the Region of Identity Center may follow."""
PERMISSION_SET_PREFIX = "AWSReservedSSO_"
"""How the names of the roles of permission sets begin."""

_PLAIN_LABEL = re.compile(r"[A-Za-z0-9]+(?:[/-][A-Za-z0-9]+)*")
_FIRST_WORD = re.compile(r"[0-9A-Za-z]*[^0-9A-Za-z]")
_PLAIN_FIELD = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:_[A-Za-z0-9]+)*")
_PLAIN_ALIAS = re.compile(r"[A-Za-z0-9/_-]+")
_MAX_ALIAS = 256  # KMS API reference, CreateAlias, AliasName
_MAX_LABEL = 200  # `terraform init` makes a folder of each module's label, of 255 bytes at most
_MAX_FUNCTION_NAME = 64  # Lambda API reference, CreateFunction, FunctionName
_FINGERPRINT_LENGTH = 8
# https://developer.hashicorp.com/terraform/language/block/variable
_NO_VARIABLES = frozenset({
    "count", "depends_on", "for_each", "lifecycle", "locals", "providers", "source", "version",
})  # fmt: skip
_MAX_STACK_IN_ROLE = 25
DEPLOYED_STACK = "serverlessrepo-"
"""How the name of every stack begins that the Serverless Application Repository makes."""


def _fingerprint(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:_FINGERPRINT_LENGTH]


def _slug(text: str) -> str:
    return re.sub(r"[^A-Za-z0-9]+", "_", text).strip("_")


@cache
def label(name: str) -> str:
    """Makes a Terraform identifier of a name, also fit for a `TF_VAR_` environment variable.

    `/` becomes two underscores and `-` one, so `prod/db-main` and `prod/db/main` differ. A
    name for which that is ambiguous (an underscore or another special character, two
    separators in a row), or too long, ends in four underscores and a fingerprint of the name.
    """
    text = name.replace("/", "__").replace("-", "_")
    if not _PLAIN_LABEL.fullmatch(name) or len(text) > _MAX_LABEL:
        mark = f"____{_fingerprint(name)}"
        text = _slug(name)[: _MAX_LABEL - len(mark)].rstrip("_") + mark
    return text if text[0].isalpha() else f"_{text}"


def name_of(label_: str) -> str | None:
    """Returns the name that a label was made of; None for a label that does not tell."""
    name = label_.replace("__", "/").replace("_", "-")
    return name if label(name) == label_ else None


def secret_module(secret: str) -> str:
    """Label of the module block of a secret."""
    return f"secret__{label(secret)}"


def rotation_module(secret: str) -> str:
    """Label of the module block of the rotation function that a secret has."""
    return f"rotation__{label(secret)}"


def key_module(name: str, *, dedicated: bool, region: str | None = None) -> str:
    """Label of the module block of a key in the primary Region, or in a replica Region."""
    kind = "key" if dedicated else "shared_key"
    place = f"_{provider_alias(region)}" if region else ""
    return f"{kind}{place}__{label(name)}"


def service_secret_rotation(name: str) -> str:
    """Address of the rotation of a secret that an AWS service owns.

    Args:
        name: the spec's name for it.
    """
    return f"aws_secretsmanager_secret_rotation.{label(name)}"


def rotation_function_name(environment: str, secret: str) -> str:
    """Name of the deployed rotation function of a secret, and of its stack, unlike any other's.

    Args:
        environment: name of the environment.
        secret: name of the secret.

    Returns:
        Letters, digits and hyphens.
    """
    text = f"{environment}-{re.sub('[^A-Za-z0-9]+', '-', secret).strip('-')}"
    mark = _fingerprint(secret)
    return f"{text[: _MAX_FUNCTION_NAME - _FINGERPRINT_LENGTH - 1].rstrip('-')}-{mark}"


def rotation_function_roles(environment: str) -> str:
    """Pattern of the names of the roles that CloudFormation creates for deployed functions.

    Where the name would be longer than 64 characters, as it is for every rotation application,
    CloudFormation keeps 25 of the stack's: `SecretsManagerRDSPostgreS-SecretsManagerRDSPostgre-…`.

    Args:
        environment: name of the environment.
    """
    return f"{f'{DEPLOYED_STACK}{environment}-'[:_MAX_STACK_IN_ROLE]}*"


def rotation_function_arn(environment: Environment, secret: str) -> str:
    """ARN of that function.

    Args:
        environment: the environment.
        secret: name of the secret.
    """
    aws = environment.aws
    name = rotation_function_name(environment.name, secret)
    return aws.arn("lambda", f"function:{name}")


def name_prefix(secret: str) -> str:
    """Returns the beginning of a secret's name that one permission of its function covers.

    That is all up to the first slash, or else up to the first other separator; to a name without
    any, AWS appends a hyphen and six characters.
    """
    folder, slash, _ = secret.partition("/")
    if slash:
        return folder + slash
    word = _FIRST_WORD.match(secret)
    return word[0] if word else f"{secret}-"


def rotation_permission(function_arn: str, prefix: str) -> str:
    """Label of the permission to invoke a function for secrets whose names begin alike.

    Args:
        function_arn: ARN of a function of the environment's account and Region.
        prefix: what `name_prefix` returns for these secrets.
    """
    function = function_arn.split(":", 6)[6]
    return label(f"{function}/{prefix.removesuffix('/')}")


def rotation_statement_id(environment: str, prefix: str) -> str:
    """Id of that permission in the policy of the function, where other environments have theirs."""
    return f"SecretsManager-{environment}-{_fingerprint(prefix)}"


def key_modules(key: Key) -> dict[str, str]:
    """Labels of the module blocks of a key, by Region: first the primary one."""
    primary, *replicas = (regional.region for regional in key.regions)
    labels = {primary: key_module(key.name, dedicated=key.dedicated)}
    for region in replicas:
        labels[region] = key_module(key.name, dedicated=key.dedicated, region=region)
    return labels


def variable(secret: str, field: str | None = None) -> str:
    """Name of the input variable that carries the value of a secret, or of one JSON field."""
    if field is None:
        name = label(secret)
        return f"{name}____{_fingerprint(secret)}" if name in _NO_VARIABLES else name
    plain = _PLAIN_FIELD.fullmatch(field)
    return f"{label(secret)}___{field if plain else f'{_slug(field)}____{_fingerprint(field)}'}"


def provider_alias(region: str) -> str:
    """Alias of the provider block of a Region."""
    return region.replace("-", "_")


def key_alias(environment: str, name: str, *, dedicated: bool) -> str:
    """Alias of a key; the names of shared keys hold no slash, so the two kinds never meet."""
    prefix = f"alias/{environment}-secrets/{'secret/' if dedicated else ''}"
    if _PLAIN_ALIAS.fullmatch(name) and len(prefix) + len(name) <= _MAX_ALIAS:
        return prefix + name
    mark = f"__{_fingerprint(name)}"
    return prefix + re.sub(r"[^A-Za-z0-9/_-]", "_", name)[: _MAX_ALIAS - len(prefix + mark)] + mark


def bootstrap_state_key(key: str) -> str:
    """Key of the state of a bootstrap: next to that of its environment, so that no two meet."""
    folder, slash, name = key.rpartition("/")
    return f"{folder}{slash}bootstrap/{name}"


def consumer_state_key(environment: str, account: str) -> str:
    """Key of the state of an account's root module, in a bucket of that account."""
    return f"{environment}/consumers/{account}/terraform.tfstate"


def state_key_alias(environment: str) -> str:
    """Alias of the key that an environment's bootstrap makes for its state."""
    return f"alias/{environment}-terraform-state"


def state_key_arn(partition: Partition, region: str, account_id: str, environment: str) -> str:
    """ARN of that alias: it names the same key whoever uses it, unlike the alias alone."""
    return f"arn:{partition}:kms:{region}:{account_id}:{state_key_alias(environment)}"


def role_arn(partition: Partition, account_id: str, role: str) -> str:
    """ARN of an IAM role; `role` may carry a path."""
    return f"arn:{partition}:iam::{account_id}:role/{role}"


def permission_set_roles(name: str) -> tuple[str, str]:
    """Patterns for the role that Identity Center creates in an account for a permission set.

    AWS appends 16 characters, which change when the set is assigned again, and names the Region of
    Identity Center in the path unless that is us-east-1 (IAM Identity Center User Guide,
    "Referencing permission sets in resource policies").
    """
    role = f"{PERMISSION_SET_PREFIX}{name}_{'?' * 16}"
    return f"{PERMISSION_SET_PATH}*/{role}", f"{PERMISSION_SET_PATH}{role}"


def permission_set_file(name: str) -> str:
    """Name of the file with the policy of a permission set, in the folder of an account."""
    return f"permission-set-{name}.json"


def reader_roles(reader: Reader) -> tuple[str, ...]:
    """Names of the roles that a reader is, each with its path: patterns for a permission set."""
    return permission_set_roles(reader.role) if reader.permission_set else (reader.role,)


def reader_arns(partition: Partition, reader: Reader) -> tuple[str, ...]:
    """ARNs of the roles that a reader is: patterns for a permission set."""
    return tuple(role_arn(partition, reader.account_id, role) for role in reader_roles(reader))


def secret_arn_pattern(aws: Aws, secret: str, region: str | None = None) -> str:
    """ARN pattern of a secret: AWS appends a hyphen and six random characters to the name."""
    return aws.arn("secretsmanager", f"secret:{secret}-??????", region)


def ends_like_arn(secret: str) -> bool:
    """Returns whether AWS takes an ARN with this name for one with its six random characters."""
    return re.fullmatch(r".*-[A-Za-z0-9]{6}", secret) is not None
