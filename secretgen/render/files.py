"""Which files come out, and their bodies."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from secretgen.hcl.align import align
from secretgen.insight.diagram.svg import svg
from secretgen.model.environment import Account, Environment
from secretgen.model.layout import DEFAULT_LAYOUT, Layout
from secretgen.model.names import permission_set_file
from secretgen.policy.deployment.deployment_roles import deployment_policies
from secretgen.policy.documents import Document
from secretgen.policy.invocation import permissions
from secretgen.policy.role_policies import role_policies
from secretgen.render.templates import markdown
from secretgen.render.views.bootstrap_view import bootstrap_view, with_own_state
from secretgen.render.views.changes_view import change_views
from secretgen.render.views.consumers_view import consumer_view
from secretgen.render.views.environment_view import environment_view
from secretgen.render.views.keys_view import key_views
from secretgen.render.views.monitoring_view import monitoring_view, trail_view
from secretgen.render.views.notifications_view import notifications_view
from secretgen.render.views.rotation_view import rotation_views, service_secret_views
from secretgen.render.views.runbook_view import runbook_view
from secretgen.render.views.secrets_view import outputs_view, secret_views, variable_views

if TYPE_CHECKING:
    import jinja2


_MODULES = {
    "": {"rotated": True, "managed": True},
    "static": {"rotated": False, "managed": True},
    "unmanaged-policy": {"rotated": True, "managed": False},
    "unmanaged-policy/static": {"rotated": False, "managed": False},
    "kms-key": {},
}
"""Folders of the module: whether their secret rotates, and whether its policy is managed."""

_UNPROTECTED = ("rotation-function",)
"""Folders of the module that hold nothing worth protecting: they come once."""

_MODULE_FILES = ("main.tf", "outputs.tf", "variables.tf", "versions.tf")
_MODULE_TESTS = (
    "changes",
    "keys",
    "replicas",
    "rotated",
    "rotation_function",
    "static",
    "unmanaged_policy",
)

_ENVIRONMENT_FILES = (
    "backend.tf",
    "changes.tf",
    "keys.tf",
    "monitoring.tf",
    "outputs.tf",
    "providers.tf",
    "secrets.tf",
    "terraform.tfvars.example",
    "variables.tf",
    "versions.tf",
)


_OPTIONAL_ENVIRONMENT_FILES = (
    "cloudtrail.tf",
    "notifications.tf",
    "rotation.tf",
    "service_secrets.tf",
)
"""Files that are there only when the environment has something to say in them."""


def render_module(templates: jinja2.Environment, layout: Layout = DEFAULT_LAYOUT) -> dict[str, str]:
    """Renders the module in its variants.

    Terraform takes nothing but literals in `lifecycle`, so what a spec decides there is a
    variant of its own: protected or not, rotated or static, with its policy or without. Variants
    keep all addresses, so that a call may change its `source` without replacing anything.

    Args:
        templates: the environment for HCL templates.
        layout: the output folders.

    Returns:
        Bodies by path relative to the root.
    """
    bodies: dict[str, str] = {}
    for protected in (True, False):
        for folder, differences in _MODULES.items():
            variant = folder if protected else f"unprotected/{folder}"
            context = {"protected": protected, **differences}
            bodies |= _module_files(templates, variant, folder, context)
    for folder in _UNPROTECTED:
        bodies |= _module_files(templates, folder, folder, {})
    for test in _MODULE_TESTS:
        name = f"tests/{test}.tftest.hcl"
        bodies[name] = align(templates.get_template(f"module/{name}.j2").render(), f"module/{name}")
    readme = markdown(templates).get_template("module/README.md.j2")
    bodies["README.md"] = readme.render(folder=layout.module)
    return {f"{layout.module}/{name}": body for name, body in bodies.items()}


def _module_files(
    templates: jinja2.Environment, variant: str, folder: str, context: Mapping[str, Any]
) -> dict[str, str]:
    return {
        "/".join(p for p in (*variant.split("/"), name) if p): _aligned(
            _module_template(templates, folder, name).render(context), f"module/{name}"
        )
        for name in _MODULE_FILES
    }


@lru_cache(maxsize=64)
def _aligned(text: str, file: str) -> str:
    """Aligns a file of the module; variants have many files in common."""
    return align(text, file)


def _module_template(templates: jinja2.Environment, folder: str, name: str) -> jinja2.Template:
    own = f"module/{folder}/{name}.j2" if folder else f"module/{name}.j2"
    return templates.select_template([own, f"module/{name}.j2"])


def render_environment(
    environment: Environment, templates: jinja2.Environment, layout: Layout = DEFAULT_LAYOUT
) -> dict[str, str]:
    """Renders an environment, with the root modules for its state and for its readers' accounts.

    Args:
        environment: the environment.
        templates: the environment for HCL templates.
        layout: the output folders.

    Returns:
        Bodies by path relative to the root.
    """
    folder = layout.environment(environment.name)
    context = {
        "changes": change_views(environment),
        "env": environment_view(environment),
        "keys": key_views(environment, layout),
        "monitoring": monitoring_view(environment, layout),
        "notifications": notifications_view(environment),
        "rotation_functions": rotation_views(environment, layout),
        "rotation_permissions": permissions(environment),
        "service_secrets": service_secret_views(environment),
        "secrets": secret_views(environment, layout),
        "trail": trail_view(environment),
        "variables": variable_views(environment),
        "outputs": outputs_view(environment),
    }
    bodies = {}
    for name in (*_ENVIRONMENT_FILES, *_OPTIONAL_ENVIRONMENT_FILES):
        body = templates.get_template(f"environment/{name}.j2").render(context)
        if body or name in _ENVIRONMENT_FILES:
            bodies[f"{folder}/{name}"] = align(body, f"{folder}/{name}")
    bodies[f"{folder}/README.md"] = (
        markdown(templates)
        .get_template("environment/README.md.j2")
        .render(runbook=runbook_view(environment, layout))
    )
    bodies[f"{folder}/architecture.svg"] = svg(environment)
    bodies |= {f"{folder}/{name}": body for name, body in policy_files(environment).items()}
    roots = {
        f"consumers/{account.name}": render_consumer(environment, account, templates)
        for account in environment.accounts
    }
    if environment.backend.bootstrap:
        roots["bootstrap"] = render_bootstrap(environment, templates)
    for root, files in roots.items():
        bodies |= {f"{folder}/{root}/{name}": body for name, body in files.items()}
    return bodies


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


def policy_files(environment: Environment) -> dict[str, str]:
    """Renders the policies.

    Returns:
        Bodies by path in the folder of the environment.
    """
    return {
        f"iam/{name}.json": policy_text(document)
        for name, document in deployment_policies(environment).items()
    }


def policy_text(document: Document) -> str:
    """Writes a policy as JSON."""
    return json.dumps(document, indent=2) + "\n"
