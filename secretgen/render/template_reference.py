"""The page about templates: what they are given, made from the views themselves."""

from __future__ import annotations

import inspect
import re
from collections import ChainMap
from collections.abc import Iterator, Mapping
from fnmatch import fnmatch
from textwrap import dedent
from typing import Any, get_args, get_type_hints

from msgspec import Struct

from secretgen.hcl.encode import Expression
from secretgen.policy.invocation import Permission
from secretgen.render.overlay import MARK, PACKAGED, template_names
from secretgen.render.views import VERSION
from secretgen.render.views.bootstrap_view import BootstrapView
from secretgen.render.views.changes_view import ChangeView
from secretgen.render.views.consumers_view import CallView, ConsumerView
from secretgen.render.views.environment_view import EnvironmentView
from secretgen.render.views.keys_view import KeyView
from secretgen.render.views.monitoring_view import MonitoringView, TrailView
from secretgen.render.views.notifications_view import NotificationsView
from secretgen.render.views.rotation_view import RotationFunctionView, ServiceSecretView
from secretgen.render.views.runbook_view import RunbookView
from secretgen.render.views.secrets_view import OutputsView, SecretView, VariableView

_INTRODUCTION = f"""\
# Templates

<!-- Generated from the views; a test verifies that it is up to date. -->

Every generated file but the pictures comes from a [Jinja](https://jinja.palletsprojects.com)
template. Templates of your own overlay the packaged ones file by file:

```sh
secretgen templates list
secretgen templates eject environment/README.md.j2
secretgen render --templates templates
secretgen check --templates templates
```

`templates = "templates"` in `[tool.secretgen]` makes this permanent. For a template that is not in
your folder, the packaged one is used. A file there without a packaged template of the same name is
an error.

A template of your own begins with the line `{MARK}`: the version of the views
described below. The version is raised when a name is removed or changes its meaning; secretgen then
refuses your templates until you have adapted them.
`{{% include "{PACKAGED}/environment/secrets.tf.j2" %}}` includes the packaged template, so that
a template that only adds a comment need not copy it.

## What templates may change

They may change wording and layout, not what is deployed. What is rendered is read back and compared
with the spec, then with what the packaged templates render. If they differ, nothing is written.

- **Allowed:** comments, layout, the order of blocks and arguments, the file of a folder in which a
  block is; everything in documents (`*.md`).
- **Allowed where the spec has no setting** (the module, `bootstrap/`): the text of a `description`
  or an `error_message`, more `tags` of a resource, and the versions of Terraform and of the
  provider; all of them as literals, since an expression could read anything.
- **Refused:** everything else, such as another reader, another policy, or an additional resource,
  provider or output. Describe what belongs to an environment in its spec, and put everything else
  into your own root module next to it.

A template cannot change the header of its file or the digest in it.

## How templates are run

They run in Jinja's sandbox, with undefined names as errors. Only text that a filter has made safe
for its kind of file is written, so a macro cannot write anything; use `include`. An error is
reported with file and line (exit code 2).

| in HCL | writes |
| --- | --- |
| `hcl` | a value: text in quotes, numbers, lists, maps; `hcl(2)` where it is indented by two |
| `label` | the label of a block, in quotes |
| `name` | a name, without quotes |
| `comment` | text in a comment |

| in Markdown | writes |
| --- | --- |
| `md` | text |
| `code` | text in backquotes |
| `fence` | text in a fenced block |
| `sh` | a word of a shell command |

`Expression` is HCL code, such as a reference. `Document` is an IAM policy as data.

## Views, version {VERSION}
"""


class Given(Struct, frozen=True):
    """What some templates are given.

    Args:
        title: what they are for.
        templates: patterns of their names.
        names: the type of each name that they see.
    """

    title: str
    templates: tuple[str, ...]
    names: Mapping[str, Any]

    def is_for(self, template: str) -> bool:
        """Returns whether a template is one of them."""
        return any(fnmatch(template, pattern) for pattern in self.templates)


GIVEN = (
    Given(
        "Backend of an environment, and its bootstrap",
        ("environment/backend.*",),
        {"env": EnvironmentView},
    ),
    Given(
        "What is the same everywhere",
        (
            "environment/versions.*",
            "module/rotation-function/*",
            "module/versions.*",
            "module/*.hcl.j2",
        ),
        {},
    ),
    Given(
        "The files of an environment",
        ("environment/*.tf.j2", "environment/*.example.j2"),
        {
            "changes": list[ChangeView],
            "env": EnvironmentView,
            "keys": list[KeyView],
            "monitoring": MonitoringView | None,
            "outputs": OutputsView,
            "rotation_functions": list[RotationFunctionView],
            "rotation_permissions": list[Permission],
            "secrets": list[SecretView],
            "service_secrets": list[ServiceSecretView],
            "trail": TrailView | None,
            "notifications": NotificationsView | None,
            "variables": list[VariableView],
        },
    ),
    Given("The README of an environment", ("environment/*.md.j2",), {"runbook": RunbookView}),
    Given(
        "The root module for state bucket and lock table",
        ("bootstrap/*.j2",),
        {"bootstrap": BootstrapView, "env": EnvironmentView},
    ),
    Given(
        "The root module for a reader's account", ("consumers/*.j2",), {"consumer": ConsumerView}
    ),
    Given("The README of the module", ("module/*.md.j2",), {"folder": str}),
    Given(
        "The module, in its variants",
        tuple(f"module/{file}.tf.j2" for file in ("main", "outputs", "variables")),
        {"protected": bool, "rotated": bool, "managed": bool},
    ),
    Given(
        "The key of the module, in its variants", ("module/kms-key/*.tf.j2",), {"protected": bool}
    ),
)

INCLUDED: Mapping[str, Mapping[str, Any]] = {
    "_read_secret.md.j2": {"read": CallView},
    "_write_secret.md.j2": {"write": CallView},
}
"""What included templates are given by those that include them."""

_TWO_COLUMNS = ["| name | type |", "| --- | --- |"]
_ARGUMENT = re.compile(r"^(\w+): ((?:.|\n +)+)", re.MULTILINE)


def given(template: str) -> Given | None:
    """Returns what a template is given; None for one that others include."""
    own = template.rpartition("/")[2]
    return None if own.startswith("_") else next(g for g in GIVEN if g.is_for(template))


def templates_page() -> str:
    """Returns the page about templates, in Markdown."""
    return "\n".join([_INTRODUCTION, *map(_section, GIVEN), _included()])


def _included() -> str:
    lines = ["### Included by others\n", "| template | name | type |", "| --- | --- | --- |"]
    for template, names in INCLUDED.items():
        lines += [
            f"| `{template}` | `{n}` | {_cell(_written(kind))} |" for n, kind in names.items()
        ]
    return "\n".join([*lines, ""])


def _section(about: Given) -> str:
    names = [f"`{name}`" for name in template_names() if given(name) is about]
    lines = [f"### {about.title}\n", f"{', '.join(names)}\n"]
    if not about.names:
        return "\n".join([*lines, "They are given nothing.\n"])
    lines += _TWO_COLUMNS
    lines += [f"| `{name}` | {_cell(_written(kind))} |" for name, kind in about.names.items()]
    views = dict.fromkeys(view for kind in about.names.values() for view in _views(kind))
    return "\n".join([*lines, "", *map(_described, views)])


def _views(kind: Any) -> Iterator[type]:
    """Yields the views in a type, and those in them; HCL code is no view."""
    if isinstance(kind, type) and issubclass(kind, Struct) and kind not in get_args(Expression):
        yield kind
        for inner in get_type_hints(kind).values():
            yield from _views(inner)
    for inner in get_args(kind):
        yield from _views(inner)


def _described(view: Any) -> str:
    about, _, arguments = inspect.cleandoc(view.__doc__ or "").partition("\nArgs:\n")
    about_fields = {
        name: " ".join(text.split()) for name, text in _ARGUMENT.findall(dedent(arguments))
    }
    lines = [f"**{view.__name__}.** {' '.join(about.split())}\n"]
    lines += ["| field | type | |", "| --- | --- | --- |"] if about_fields else _TWO_COLUMNS
    types = ChainMap(*map(inspect.get_annotations, view.__mro__))
    for name in view.__struct_fields__:
        third = f" {about_fields.get(name, '')} |" if about_fields else ""
        lines.append(f"| `{name}` | {_cell(str(types[name]))} |{third}")
    return "\n".join([*lines, ""])


def _written(kind: Any) -> str:
    text = kind.__name__ if isinstance(kind, type) and not get_args(kind) else str(kind)
    return re.sub(r"secretgen\.[\w.]+\.", "", text)


def _cell(code: str) -> str:
    escaped = code.replace("|", "\\|")
    return f"`{escaped}`"
