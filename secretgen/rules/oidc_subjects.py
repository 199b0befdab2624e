"""Which subjects of OIDC providers name one workload, and which let in others as well."""

from __future__ import annotations

import re

_WORD = r"[A-Za-z0-9_.-]+"
_GITHUB = re.compile(rf"repo:(?:{_WORD}/{_WORD}|{_WORD}@[0-9]+/{_WORD}@[0-9]+):.+")
"""GitHub's subjects of one repository: by names, or by names with their immutable ids."""
_KUBERNETES = re.compile(r"system:serviceaccount:[a-z0-9.-]+:.+")
_SCOPED = (
    _GITHUB,
    _KUBERNETES,
    re.compile(rf"project_path:{_WORD}(?:/{_WORD})+:.+"),
    re.compile(rf"organization:{_WORD}:project:[^:*?]+:workspace:[^:*?]+:.+"),
)
"""Subjects within which a wildcard stays in one repository, namespace, project or workspace.

GitHub Actions, Kubernetes, GitLab CI/CD, HCP Terraform.
"""


def flaw_of(provider: str, subject: str) -> str:
    """Returns whom a subject lets in next to the workload that is meant.

    Args:
        provider: URL of the provider without `https://`.
        subject: the subject, which may hold wildcards.

    Returns:
        What is wrong, to complete "the subject …"; empty if nothing is.
    """
    host = provider.partition("/")[0]
    if host == "token.actions.githubusercontent.com" or provider.endswith("/_services/token"):
        return "" if _GITHUB.fullmatch(subject) else "does not name one GitHub repository"
    if host.startswith("oidc.eks."):
        return "" if _KUBERNETES.fullmatch(subject) else "does not name one Kubernetes namespace"
    has_wildcard = bool(set(subject) & set("*?"))
    if has_wildcard and not any(form.fullmatch(subject) for form in _SCOPED):
        return "has a wildcard that matches any tenant of the provider"
    return ""
