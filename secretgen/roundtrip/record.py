"""What has been proven, on record beside the HCL, so that nothing is proven twice.

    3b1f…  environment
    c41d…  files
    9fa0…  secrets.prod/app/oauth-client-secret

A line is a digest of what the spec says, together with the HCL that was found to say it: of all
the environment; and of each secret, with the blocks that are its own. The line `files` is a digest
of the HCL alone, which tells whether all of it is there. The file is published along with that HCL,
and only after the proof: so what has the same line again is proven already.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from secretgen.model.effective import effective
from secretgen.model.environment import Environment
from secretgen.model.layout import Layout
from secretgen.roundtrip.blocks import own_blocks, top_level
from secretgen.tree import digest
from secretgen.version import __version__

RECORD = "proof.sum"
"""Name of the file, in the folder of an environment."""

ENVIRONMENT = "environment"
"""Name of the line about all of it."""

FILES = "files"
"""Name of the line about all HCL, whatever it says."""

_SECRET = "secrets."  # noqa: S105 -- how the names of the others begin
_TITLE = (
    f"# Verified by secretgen {__version__}: each digest is of a spec entry and of its HCL.\n\n"
)
_RELEASE = re.compile(r"^# Verified by secretgen (\S+):", re.MULTILINE)
_LINE = re.compile(r"^([0-9a-f]{64})  (.+)$", re.MULTILINE)
_MAY_REACH_FURTHER = ("<<", "/*", "${", "%{")
"""What opens a heredoc, a comment or a template, whose end may lie behind that of a block."""


def record(environment: Environment, hcl: Mapping[str, str], layout: Layout) -> str:
    """Writes what is to be on record once it is proven.

    Args:
        environment: the environment that the spec describes.
        hcl: the HCL of its files, by their path in its folder.
        layout: the output folders.
    """
    environment = effective(environment)
    files = sorted(hcl.items())
    lines = {ENVIRONMENT: _digest(environment, layout, files), FILES: _digest(files)}
    if not _has_functions(environment):
        lines |= _secrets(environment, hcl, layout)
    return _TITLE + "".join(f"{value}  {name}\n" for name, value in lines.items())


def other_release(committed: str) -> str:
    """Returns the release of secretgen that wrote a record; empty when it is this one."""
    found = _RELEASE.search(committed)
    return found[1] if found and found[1] != __version__ else ""


def on_record(committed: str, rendered: str) -> frozenset[str]:
    """Tells what is proven already: the names of the lines that two records share.

    Args:
        committed: the record as it was published.
        rendered: the record as it is to be.
    """
    return frozenset(name for _, name in {*_LINE.findall(committed)} & {*_LINE.findall(rendered)})


def lacks_files(committed: str, hcl: Mapping[str, str]) -> bool:
    """Tells whether HCL is known not to be all that a record was published with.

    Args:
        committed: the record as it was published.
        hcl: the HCL of the environment, by its path in the folder.
    """
    lines = {name: value for value, name in _LINE.findall(committed)}
    return lines.get(FILES, "") not in ("", _digest(sorted(hcl.items())))


def part_on_record(environment: Environment, names: Iterable[str]) -> Environment:
    """Returns of an environment the secrets that are on record, and the keys of their own.

    As they are deployed: what has no effect in a spec is in no HCL either.
    """
    environment = effective(environment)
    found = {name.removeprefix(_SECRET) for name in names if name.startswith(_SECRET)}
    return replace(
        environment,
        secrets=tuple(s for s in environment.secrets if s.name in found),
        keys=tuple(k for k in environment.keys if k.dedicated and k.name in found),
    )


def _has_functions(environment: Environment) -> bool:
    """Tells whether there are rotation functions, whose blocks also speak of other secrets."""
    return any(s.rotation and s.rotation.application for s in environment.secrets)


def _secrets(
    environment: Environment, hcl: Mapping[str, str], layout: Layout
) -> Iterator[tuple[str, str]]:
    """Yields the lines of the secrets whose blocks depend on nothing but what is digested here."""
    blocks = own_blocks(top_level(hcl), environment)
    keys = {key.name: key for key in environment.keys if key.dedicated}
    shared = [key.name for key in environment.keys if not key.dedicated]
    around = ascii((environment.name, environment.aws, shared, layout))
    for secret in environment.secrets:
        own = blocks[secret.name]
        if not any(mark in block for mark in _MAY_REACH_FURTHER for _, block in own):
            yield _SECRET + secret.name, _digest(around, secret, keys.get(secret.name), own)


def _digest(*parts: object) -> str:
    """Returns the SHA-256 of values in hexadecimal: the same for equal ones, on any machine."""
    return digest(ascii(parts).encode())
