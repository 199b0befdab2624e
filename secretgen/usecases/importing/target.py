"""The spec that secrets come into: one that is there, or a new one."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import get_args

from msgspec import Struct

from secretgen import rules
from secretgen.diagnostics import Diagnostic, Severity
from secretgen.errors import FileAccessError, UsageError
from secretgen.model.environment import Partition
from secretgen.model.secret import AWS_MANAGED
from secretgen.project.config import Config
from secretgen.project.spec_files import part_library, spec_files
from secretgen.rules.several_specs_rules import clashes
from secretgen.spec import source
from secretgen.spec.edit import insert
from secretgen.spec.language_formats import EnvironmentName
from secretgen.spec.load import LoadedSpec, load_spec
from secretgen.spec.parts import Library
from secretgen.spec.yaml_nodes import field_of
from secretgen.usecases.validation import other_specs

_SECRETS = ("secrets",)
_PLACEHOLDER = "secretgen-import"
"""Name of a secret that stands in while a spec has none, as a spec needs one."""

_NEW = """\
version: 1
environment: {environment}

aws:
  account_id: "{account_id}"
  region: {region}
{partition}
backend:
  bucket: terraform-state-{account_id}
  locking: s3
"""


class Target(Struct, frozen=True):
    """A spec, as far as it goes.

    Args:
        file: its path relative to the root.
        text: its text; empty if it does not exist.
        is_new: whether it does not exist yet.
        others: the other specs of the project.
        library: the parts of the project.
        today: the date, for rules.
    """

    file: str
    text: str
    is_new: bool
    others: tuple[LoadedSpec, ...]
    library: Library
    today: str

    def load(self, text: str) -> LoadedSpec:
        """Loads a text of this spec."""
        return load_spec(text.encode("utf-8", "surrogatepass"), self.file, self.library)

    def with_placeholder(self, text: str) -> LoadedSpec:
        """Loads a text that may have no secret yet; then with one that stands in."""
        root, _ = source.load(text.encode("utf-8", "surrogatepass"), self.file)
        if root is not None:
            held = field_of(root, *_SECRETS)
            is_null = held is None or (isinstance(held, source.Scalar) and held.is_null)
            if is_null or (isinstance(held, source.Mapping) and not held.entries):
                text = insert(text, _SECRETS, {_PLACEHOLDER: {"kms_key": AWS_MANAGED}})
        return self.load(text)

    def checked(self, text: str) -> tuple[LoadedSpec, list[Diagnostic]]:
        """Loads a text that may have no secret yet, and finds its errors."""
        loaded = self.with_placeholder(text)
        return loaded, self.errors(loaded)

    def errors(self, loaded: LoadedSpec) -> list[Diagnostic]:
        """Finds the errors in a text of this spec, but none about what stands in."""
        stands_in: set[tuple[str | int, ...]] = {(*_SECRETS, _PLACEHOLDER)}
        if loaded.spec and list(loaded.spec.secrets) == [_PLACEHOLDER]:
            stands_in |= {("required_tags", i) for i in range(len(loaded.spec.required_tags))}
        found = [*rules.findings(loaded, today=self.today)]
        found += [clash for _, clash in clashes((loaded,), self.others)]
        return [d for d in found if d.severity is Severity.ERROR and d.path[:2] not in stands_in]

    def begun(self, account_id: str, region: str, partition: str) -> str:
        """Returns the text of a new spec, without secrets.

        Raises:
            UsageError: its file name is not the name of an environment.
        """
        name = Path(self.file).stem
        pattern = next(f.pattern for f in get_args(EnvironmentName)[1:] if hasattr(f, "pattern"))
        if not re.fullmatch(pattern or "", name):
            raise UsageError(
                f"{name!r} is not a valid name of an environment",
                "Name the new spec after its environment, such as specs/production.yaml.",
            )
        other = f"  partition: {partition}\n" if partition != Partition.AWS else ""
        return _NEW.format(environment=name, account_id=account_id, region=region, partition=other)


def find_target(config: Config, spec: Path, today: str) -> Target:
    """Finds the spec, and what is next to it.

    Raises:
        SecretgenError: it is not below the root, or cannot be read.
    """
    ((path, file),) = spec_files(config, [spec])
    if Path(file).is_absolute():
        raise UsageError(f"{file} is not below {config.root}", "Move it, or use --root.")
    data = source.read(path) if path.exists() else b""
    library = part_library(config)
    others = tuple(other_specs(config, [file], library))
    return Target(file, _decoded(data, file), not data.strip(), others, library, today)


def _decoded(data: bytes, file: str) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        raise FileAccessError(f"{file} is not UTF-8", "Save it as UTF-8.", file) from None


def described_elsewhere(target: Target, account_id: str, region: str) -> Mapping[str, str]:
    """Returns the files of the specs that have a secret of this account and Region, by its name."""
    return {
        secret.name: other.file
        for other in target.others
        if (environment := other.environment)
        and (environment.aws.account_id, environment.aws.region) == (account_id, region)
        for secret in environment.secrets
    }
