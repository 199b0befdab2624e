"""The root modules beside an environment's own: its readers' accounts, and its bootstrap."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from secretgen.hcl.align import align
from secretgen.model.environment import Account, Environment
from secretgen.model.names import permission_set_file
from secretgen.policy.role_policies import role_policies
from secretgen.render.policy_files import policy_text
from secretgen.render.templates import markdown
from secretgen.render.views.bootstrap_view import bootstrap_view, with_own_state
from secretgen.render.views.consumers_view import consumer_view
from secretgen.render.views.environment_view import environment_view

if TYPE_CHECKING:
    import jinja2

_DOCUMENTS = ("README.md",)
_FILES = (
    *_DOCUMENTS,
    "backend.tf.example",
    "main.tf",
    "outputs.tf",
    "providers.tf",
    "versions.tf",
)


def render_consumer(
    environment: Environment, account: Account, templates: jinja2.Environment
) -> dict[str, str]:
    """Renders the root module for a reader's account, and the policies of permission sets.

    An account that only permission sets read from has no root module: nothing is created there.

    Returns:
        Bodies by name of the file.
    """
    context = {"consumer": consumer_view(environment, account)}
    files = _FILES if account.deployed_roles else _DOCUMENTS
    if context["consumer"].buses:
        files = (*files, "events.tf")
    policies = {
        permission_set_file(role.name): policy_text(role_policies(environment, role).documents[0])
        for role in account.roles
        if role.permission_set
    }
    return {**_bodies(templates, "consumers", context, files), **policies}


def render_bootstrap(environment: Environment, templates: jinja2.Environment) -> dict[str, str]:
    """Renders the root module for the state bucket and the lock table.

    Returns:
        Bodies by name of the file.
    """
    context = {
        "bootstrap": bootstrap_view(environment),
        "env": environment_view(with_own_state(environment)),
    }
    return _bodies(templates, "bootstrap", context, _FILES)


def _bodies(
    templates: jinja2.Environment, folder: str, context: Mapping[str, Any], files: Iterable[str]
) -> dict[str, str]:
    bodies = {}
    for name in files:
        is_document = name.endswith(".md")
        jinja = markdown(templates) if is_document else templates
        body = jinja.get_template(f"{folder}/{name}.j2").render(context)
        bodies[name] = body if is_document else align(body, f"{folder}/{name}")
    return bodies
