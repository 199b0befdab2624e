"""Findings about parts and about the `include` of a spec: rules SG490 to SG497."""

from __future__ import annotations

from collections.abc import Iterable

from secretgen.diagnostics import Diagnostic, Path, Severity, Span
from secretgen.spec.suggest import closest, shown
from secretgen.spec.yaml_nodes import Node, Scalar


def _error(
    rule: str, span: Span, summary: str, detail: str, path: Path = (), *, suggestion: str = ""
) -> Diagnostic:
    return Diagnostic(rule, Severity.ERROR, summary, detail, span, path, suggestion)


def unreadable(place: Scalar, path: Path, summary: str) -> Diagnostic:
    """Reports a part that cannot be read.

    Args:
        place: the path of the part, in the spec.
        path: where that stands in the spec.
        summary: why.
    """
    detail = (
        "Name a YAML file below the project root, relative to the root, such as"
        " `parts/payments.yaml`. Links are not followed."
    )
    return _error("SG490", place.span, summary, detail, path)


def spec_as_part(place: Scalar, path: Path) -> Diagnostic:
    """Reports a spec that is included as a part."""
    detail = "Move what both environments share into a part, and include it in both specs."
    return _error("SG491", place.span, f"{shown(place.text)} is a spec, not a part", detail, path)


def part_as_spec(root: Node, file: str) -> Diagnostic:
    """Reports a part that is used as a spec."""
    first = root.span
    span = Span(first.file, first.line, first.column, first.line, first.column + 1)
    detail = (
        "A spec has `environment`, `aws` and `backend`. Add them; or, if this is a part, name it"
        " under `include` of a spec, and keep it out of the folder of the specs."
    )
    return _error("SG491", span, f"{file} is a part, not a spec", detail)


def not_in_a_part(key: Scalar) -> Diagnostic:
    """Reports a key of a spec in a part."""
    summary = f"{key.text!r} in a part"
    detail = "It applies to one environment. Move it into the specs."
    if key.text == "include":
        summary = "a part cannot include parts"
        detail = "Include that part in the specs themselves, before this one."
    return _error("SG492", key.span, summary, detail, (key.text,))


def unknown_key(key: Scalar, known: Iterable[str], meant: str) -> Diagnostic:
    """Reports an unknown key of a part.

    Args:
        key: the key.
        known: the keys that the part does not have yet.
        meant: the one that was most likely meant; empty if there is none.
    """
    detail = f"Did you mean {meant!r}?" if meant else f"Known keys: {', '.join(known)}."
    summary = f"unknown key {shown(key.text)}"
    return _error("SG101", key.span, summary, detail, (key.text,), suggestion=meant)


def no_mapping(key: Scalar, value: Node) -> Diagnostic:
    """Reports a list or text in the place of a mapping."""
    detail = "Write keys and values under it."
    summary = f"{key.text!r} must be a mapping"
    return _error("SG103", value.span, summary, detail, (key.text,))


def unknown_input(name: Scalar, path: Path, file: str, known: Iterable[str]) -> Diagnostic:
    """Reports an input that a part does not have.

    Args:
        name: the input.
        path: where it stands in the spec.
        file: the part.
        known: the inputs of the part.
    """
    names = list(known)
    meant = closest(name.text, names)
    others = f"Its inputs: {', '.join(names)}." if names else "It has no inputs."
    detail = f"Did you mean {meant!r}?" if meant else others
    summary = f"{file} has no input {shown(name.text)}"
    return _error("SG493", name.span, summary, detail, path, suggestion=meant)


def missing_input(place: Span, path: Path, file: str, name: str) -> Diagnostic:
    """Reports a required input that an `include` does not give."""
    detail = f"Write `{{ file: {file}, inputs: {{ {name}: … }} }}`, or give it a default there."
    return _error("SG494", place, f"missing input {name!r} of {file}", detail, path)


def undeclared(
    name: str, span: Span, path: Path, file: str, other: str, *, is_text: bool
) -> Diagnostic:
    """Reports `$(name)` of an input that only another part declares.

    Args:
        name: the input.
        span: where it is used.
        path: where that stands in the spec.
        file: the part that uses it.
        other: the part that declares it.
        is_text: whether any text may stand there, this one too.
    """
    literal = f", or write `$$({name})` for the text itself" if is_text else ""
    return Diagnostic(
        "SG496" if is_text else "SG495",
        Severity.WARNING if is_text else Severity.ERROR,
        f"{file} does not declare the input {name!r}",
        f"{other} declares it. Declare it under `inputs` of {file} as well{literal}.",
        span,
        () if is_text else path,
    )


def repeated(place: Span, path: Path, file: str, line: int) -> Diagnostic:
    """Reports a part that is included twice with the same inputs."""
    summary = f"{file} is included twice with the same inputs, first in line {line}"
    return _error("SG497", place, summary, "Delete one of the two.", path)


def too_large(span: Span, path: Path, what: str) -> Diagnostic:
    """Reports parts that make too much of a spec."""
    return _error("SG009", span, what, "Split the spec into several environments.", path)
