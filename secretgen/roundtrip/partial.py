"""Reading an environment without the blocks of secrets that are known already."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from secretgen.hcl.hcl_nodes import Body
from secretgen.model.environment import Environment
from secretgen.readback.read_environment import Reading, read_environment
from secretgen.roundtrip.blocks import hollow, top_level


def read_rest(
    name: str,
    texts: Mapping[str, str],
    module: str,
    known: Environment,
    parse: Callable[[Mapping[str, str]], Mapping[str, Body]],
) -> Reading | None:
    """Reads an environment of which some secrets, and the keys of their own, are known.

    Args:
        name: its name.
        texts: the HCL of its files, by their path in its folder.
        module: path of the module as that folder names it.
        known: holds the known secrets and keys.
        parse: parses files, by path.

    Returns:
        What it is; None when something encloses the blocks of a known secret, or none is known.
    """
    if not known.secrets:
        return None
    hollowed = hollow(top_level(texts), known)
    rest = {path: file.text for path, file in hollowed.items()}
    bodies = dict(parse({**texts, **rest}))
    for path, file in hollowed.items():
        body = file.without_hollow(bodies[path])
        if body is None:
            return None
        bodies[path] = body
    return read_environment(name, bodies, module, known)
