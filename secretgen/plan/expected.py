"""What Terraform plans for a root module as rendered: every resource with every argument."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from secretgen.hcl.evaluation.evaluator import evaluate
from secretgen.hcl.evaluation.expression_references import references, shortened
from secretgen.hcl.evaluation.expression_tree import Expression, NotEvaluatedError
from secretgen.plan.document import without_instances
from secretgen.plan.module_blocks import ModuleCall, ResourceBlock
from secretgen.plan.module_instance import Known, ModuleContext, ModuleInstance, Values, values_of
from secretgen.plan.rendered import RenderedFiles


class ExpectedPlan:
    """The plan of a root module as rendered.

    Args:
        files: the rendered files.
        folder: folder of the root module.
        known: what the real plan knows of resources, for what only the provider computes.
    """

    def __init__(self, files: RenderedFiles, folder: str, known: Known) -> None:
        self.files = files
        self.root = files.module(folder)
        around = ModuleContext(files, known, self.provider)
        self._instance = ModuleInstance(
            around, "", self.root, {}, {name: name for name in self.root.providers}
        )
        self.resources = {r.address: r for r in self._instance.resources()}
        """Every resource, by its address."""

    @cached_property
    def folders(self) -> frozenset[str]:
        """Folders of the root module and of the modules that it calls."""
        return frozenset(blocks.folder for _, blocks in self._instance.modules())

    @cached_property
    def moves(self) -> tuple[tuple[str, str], ...]:
        """Blocks before and after each `moved`, without instances."""
        return tuple(
            (f"{prefix}{without_instances(source)}", f"{prefix}{without_instances(to)}")
            for module, blocks in self._instance.modules()
            for prefix in (f"{module}." if module else "",)
            for source, to in blocks.moves
        )

    @cached_property
    def block_addresses(self) -> dict[str, ResourceBlock]:
        """Every block, by its address without instances, whether or not it has instances."""
        return {
            f"{module}.{block.address}" if module else block.address: block
            for module, blocks in self._instance.modules()
            for block in blocks.resources.values()
        }

    @cached_property
    def calls(self) -> dict[str, ModuleCall]:
        """Every module call, by its address."""
        return {
            f"{module}.module.{label}" if module else f"module.{label}": call
            for module, blocks in self._instance.modules()
            for label, call in blocks.calls.items()
        }

    def outputs_of(self, address: str) -> Mapping[str, Expression]:
        """Returns the outputs of a module by the address of its call."""
        return self._instance.at(address).outputs

    def input_of(self, address: str, name: str) -> Any:
        """Returns the value of an input of a module.

        Args:
            address: address of its call.
            name: the input.
        """
        return self._instance.at(address).inputs[name]

    @staticmethod
    def same_expression(rendered: Expression, configured: Any) -> bool:
        """Returns whether an expression of a plan's configuration is the rendered one.

        Of anything but a constant, the configuration says only what it refers to.

        Args:
            rendered: the expression as rendered.
            configured: what the configuration has in its place.
        """
        if not isinstance(configured, Mapping):
            return False
        found = configured.get("references", ())
        if shortened(map(str, found)) != references(rendered):
            return False
        if "constant_value" not in configured:
            return True
        try:
            return bool(evaluate(rendered, _NOTHING) == configured["constant_value"])
        except NotEvaluatedError:
            return False

    def provider(self, name: str) -> Values:
        """Returns the settings of a provider of the root module."""
        given = self.root.providers.get(name)
        return values_of(given, self._instance) if given else {}


class _Nothing:
    """A scope without any name."""

    def find(self, name: str) -> Any:
        raise NotEvaluatedError(f"there is no {name}")


_NOTHING = _Nothing()
