"""What the blocks of secrets refer to, collected before any of them is read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from msgspec import Struct

from secretgen.hcl.hcl_nodes import Value
from secretgen.model.environment import Aws, Key
from secretgen.model.names import key_module, name_of
from secretgen.model.secret import AWS_MANAGED_ALIAS
from secretgen.readback.read_root import Root
from secretgen.readback.read_values import code, text

SECRET_MODULE = "secret__"  # noqa: S105 -- how the labels of their module blocks begin


class ReadContext(Struct, frozen=True):
    """What the blocks of a secret refer to.

    Args:
        environment: its name.
        root: the environment's root module.
        module: path of the module that they call.
        aws: its account.
        shared_keys: names of the shared keys, by the labels of their module blocks.
        key_ids: the argument that names the key of each secret, by the name of the secret;
            empty for the AWS-managed key.
    """

    environment: str
    root: Root
    module: str
    aws: Aws
    shared_keys: Mapping[str, str]
    key_ids: Mapping[str, str]


def secret_names(root: Root) -> dict[str, str]:
    """Finds the names of the secrets, by the labels of their module blocks without the prefix."""
    labels = [address[-1] for address in root.addresses("module")]
    return {
        module.removeprefix(SECRET_MODULE): root.peek_text("name", "module", module)
        or name_of(module.removeprefix(SECRET_MODULE))
        or module
        for module in labels
        if module.startswith(SECRET_MODULE)
    }


def read_context(
    root: Root,
    module: str,
    aws: Aws,
    names: Mapping[str, str],
    keys: Iterable[Key],
    *,
    environment: str,
) -> ReadContext:
    """Collects what the blocks of secrets refer to.

    Args:
        root: the environment's root module, before any secret is taken from it.
        module: path of the module that it calls.
        aws: its account.
        names: names of the secrets, by the labels of their module blocks without the prefix.
        keys: all keys.
        environment: name of the environment.
    """
    return ReadContext(
        environment,
        root,
        module,
        aws,
        {key_module(k.name, dedicated=False): k.name for k in keys if not k.dedicated},
        {
            name: _key_arn(root.peek("kms_key_id", "module", SECRET_MODULE + m))
            for m, name in names.items()
        },
    )


def _key_arn(key: Value | None) -> str:
    return "" if key is None or text(key) == AWS_MANAGED_ALIAS else code(key)
