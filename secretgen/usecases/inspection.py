"""Use cases that look at environments without rendering them: what they read besides the spec."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from secretgen.errors import UsageError
from secretgen.git import Repository, find_repository
from secretgen.model.environment import Environment
from secretgen.model.layout import Layout
from secretgen.project.config import Config
from secretgen.project.spec_files import part_library
from secretgen.spec.load import LoadedSpec, load_spec
from secretgen.spec.parts import Library
from secretgen.spec.source import read
from secretgen.user_files import read_json_text, with_name

if TYPE_CHECKING:
    from secretgen.insight.cost.prices import PriceTable
    from secretgen.insight.references.arns import SecretArns
    from secretgen.plan.planned_access import PlannedPolicies


def read_plans(
    environment: Environment, layout: Layout, named: Sequence[str]
) -> PlannedPolicies | None:
    """Reads the policies of plans.

    Args:
        environment: the environment that the spec describes.
        layout: the output folders.
        named: files, each with `NAME=` before it when it does not tell its root module.

    Returns: The policies; None when no plan given.

    Raises:
        FileAccessError: a file cannot be read.
        UsageError: a file is no plan of this environment.
    """
    from secretgen.plan.planned_access import Plan, planned_policies  # noqa: PLC0415
    from secretgen.plan.rendered import RenderedFiles  # noqa: PLC0415
    from secretgen.project.rendered_tree import packaged_files  # noqa: PLC0415

    if not named:
        return None
    plans = [Plan(file, read_json_text(Path(file)), name) for name, file in map(with_name, named)]
    files = RenderedFiles(packaged_files(environment, layout))
    return planned_policies(environment, plans, files, layout.environment(environment.name))


def secret_arns(environment: Environment, outputs: Path | None) -> SecretArns:
    """Returns the ARNs of secrets: complete ones where Terraform's outputs have them.

    Args:
        environment: the environment.
        outputs: what `terraform output -json` printed; None for no such file.

    Raises:
        FileAccessError: the file cannot be read.
        UsageError: it holds something else.
    """
    from secretgen.insight.references.arns import SecretArns, read_outputs  # noqa: PLC0415

    if outputs is None:
        return SecretArns(environment, {})
    return read_outputs(environment, read_json_text(outputs), str(outputs))


def price_table(file: Path | None) -> PriceTable:
    """Returns the packaged prices, with those of a file of the user's own in their place."""
    from secretgen.insight.cost.prices import default_prices, with_changes  # noqa: PLC0415

    table = default_prices()
    return with_changes(table, read_json_text(file), str(file)) if file else table


def other_environment(config: Config, loaded: LoadedSpec, other: str) -> Environment:
    """Resolves what an environment is to be compared with.

    Args:
        config: settings of the project.
        loaded: the spec.
        other: another spec, or a Git revision at which the same spec is taken.

    Raises:
        UsageError: it is neither, or that spec has errors.
        FileAccessError: it cannot be read.
    """
    file = Path(other)
    if file.exists():
        found = load_spec(read(file), other, part_library(config))
    else:
        at_revision = partial(text_at, config.root, other)
        data = at_revision(loaded.file)
        found = load_spec(data, f"{other}:{loaded.file}", Library(at_revision))
    if not found.is_valid or found.environment is None:
        raise UsageError(f"{other} holds no valid spec", "Check it with `secretgen validate`.")
    return found.environment


def text_at(root: Path, revision: str, file: str) -> bytes:
    """Returns the bytes of a file at a Git revision.

    Raises:
        UsageError: there is no such file or revision, or Git cannot be asked.
    """
    repository = find_repository(root)
    if not isinstance(repository, Repository):
        raise UsageError(f"no spec {revision!r}, and {repository.reason.value}", repository.remedy)
    if repository.commit(revision) is None:
        raise UsageError(
            f"{revision!r} is neither a spec nor a Git revision", repository.revision_hint(revision)
        )
    data = repository.read(revision, file)
    if data is None:
        raise UsageError(f"{revision} has no {file}", "Name a spec to compare with.")
    return data
