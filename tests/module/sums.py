"""The digests of the module's HCL, by which a render knows what was parsed before.

`python -m tests.module.sums` parses it and writes them; `make render` does so first.
"""

import posixpath

from secretgen.hcl.decode import parse
from secretgen.render.files import render_module
from secretgen.render.overlay import packaged_templates
from secretgen.render.templates import environment
from secretgen.roundtrip.proof import HCL, SUMS
from secretgen.tree import digest


def sums() -> str:
    """Renders the module, parses every file of it as a whole, and lists the digests.

    Raises:
        HclSyntaxError: one of them is no HCL.
    """
    bodies = render_module(environment())
    base = posixpath.commonpath(bodies)
    lines = []
    for path, body in sorted(bodies.items()):
        if path.endswith(HCL):
            parse(body, path)
            lines.append(f"{digest(body.encode())}  {posixpath.relpath(path, base)}\n")
    return "".join(lines)


if __name__ == "__main__":
    (packaged_templates() / SUMS).write_text(sums(), encoding="utf-8")
