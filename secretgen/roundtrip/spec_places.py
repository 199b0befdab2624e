"""Where in its spec an attribute of an environment is said."""

from __future__ import annotations

from secretgen.diagnostics import Path as SpecPath
from secretgen.diagnostics import Span
from secretgen.model.compare import Path
from secretgen.spec.load import LoadedSpec
from secretgen.spec.resolve_changes import resolve_changes
from secretgen.spec.schema import Spec
from secretgen.spec.secret_schema import SecretSpec


def spec_place(loaded: LoadedSpec, path: Path) -> Span | None:
    """Finds where the spec has what an attribute is, or what it follows from.

    Args:
        loaded: the spec.
        path: the attribute, as the model calls it.

    Returns:
        The place; None when the spec does not speak of it at all.
    """
    spec = loaded.spec
    if spec is None:
        return None
    match path:
        case ("secrets", name, *rest) if name in spec.secrets:
            return _of_secret(loaded, name, spec.secrets[name], spec.defaults, tuple(rest))
        case (("accounts" | "keys" | "service_secrets") as kind, name, *_) if name in getattr(
            spec, kind
        ):
            return _innermost(loaded, _decides_over_role(loaded, path), least=2)
        case ("changes", verb, name, *_) if spec.changes:
            return _of_change(loaded, spec, verb, name)
        case ("aws" | "backend" | "monitoring" | "tags", *_):
            return _innermost(loaded, path, least=1)
    return None


def _of_secret(
    loaded: LoadedSpec, name: str, secret: SecretSpec, defaults: SecretSpec, rest: Path
) -> Span:
    """Looks at the secret itself and at the defaults: its own value wins, and tags are merged."""
    places = loaded.places
    if rest[:1] == ("kms_key",) and len(rest) > 1:
        rest = (_decides_over_key(rest[1:]),)
    own = ("secrets", name, *_with_index(secret, rest))
    default = ("defaults", *_with_index(defaults, rest))
    is_default = places.is_written(default) if rest[:1] == ("tags",) else len(rest) > 0
    if is_default and places.is_written(default[:2]):
        taken = own if rest[0] == "tags" else own[:3]
        if not places.is_written(taken):
            return _innermost(loaded, default, least=2)
    return _innermost(loaded, own, least=2)


def _decides_over_key(attribute: Path) -> str:
    """Returns the field of a secret that decides over an attribute of its own key."""
    match attribute:
        case ("deletion_protection",):
            return "deletion_protection"
        case ("regions", _, "grants", *_):
            return "readers"
        case ("regions", _, "write_grants", *_):
            return "writers"
        case ("regions", *_):
            return "replicas"
    return "kms_key"


def _decides_over_role(loaded: LoadedSpec, path: Path) -> Path:
    """Returns the field of an account that decides over an attribute of a role without its own."""
    match path:
        case ("accounts", name, "roles", _, ("trust" | "permissions_boundary") as what, *_):
            if not loaded.places.is_written(path[:5]):
                return ("accounts", name, "trusted_service" if what == "trust" else what)
    return path


def _with_index(secret: SecretSpec, rest: Path) -> SpecPath:
    """Puts the index of a replica in the place of its Region."""
    if rest[:1] != ("replicas",) or len(rest) == 1:
        return rest
    regions = [replica.region for replica in secret.replicas]
    return ("replicas", regions.index(rest[1]), *rest[2:]) if rest[1] in regions else rest[:1]


def _innermost(loaded: LoadedSpec, path: SpecPath, *, least: int) -> Span:
    """Finds the key of a value, or of the nearest thing around it that is written down."""
    lengths = range(len(path), least, -1)
    around = (path[:length] for length in lengths if loaded.places.is_written(path[:length]))
    found = next(around, path[:least])
    value = loaded.places.value(found)
    if isinstance(found[-1], int):
        return value
    key = loaded.places.key(found)
    return key._replace(includes=tuple(dict.fromkeys((*key.includes, *value.includes))))


def _of_change(loaded: LoadedSpec, spec: Spec, verb: str, name: str) -> Span:
    """Finds an entry of `changes` by its verb and what it is about."""
    for i, entry in enumerate(spec.changes):
        changes = resolve_changes([entry], spec.aws.region)
        names = {
            "move": {move.name for move in changes.moves},
            "forget": {forget.name for forget in changes.forgets},
            "destroy": {destroy.name for destroy in changes.destroys},
            "import": {import_.name for import_ in changes.imports},
        }
        if name in names.get(verb, ()):
            return _innermost(loaded, ("changes", i), least=1)
    return _innermost(loaded, ("changes",), least=1)
