"""Rules about what only a Terraform plan shows. `secretgen gate` finds it."""

from __future__ import annotations

from secretgen.change import hazards
from secretgen.rules.rule import about_hazard

_PLAN_FORMAT = "https://developer.hashicorp.com/terraform/internals/json-format"
_IMPORT = "https://developer.hashicorp.com/terraform/language/import"
_POLICIES = (
    "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html"
)
_PROVIDERS = "https://developer.hashicorp.com/terraform/language/providers/configuration"


RULES = (
    about_hazard(
        hazards.ACCESS_OPENED,
        why="""
            Every policy, trust policy, attachment, key and permission in a plan is compared with
            the spec, statement by statement; a Deny statement counts as a whole. The expressions in
            the HCL on disk are compared as well, because a plan contains only the references of an
            expression, and so is every other resource that may grant access. A review of the spec
            does not show access that the spec does not contain. Add it to the spec, or remove it.
        """,
        source=_POLICIES,
    ),
    about_hazard(
        hazards.NOT_RENDERED,
        why="""
            A resource, data source, provisioner, argument or provider setting in the plan is not
            rendered from the spec: it was added by hand, or the plan is from files that are out of
            date. Its effect is unknown: it may be another endpoint or role of a provider, a data
            source that reads a value, or a command that runs during the apply. Render the spec and
            create the plan again. If it is intended, allow it with an entry of `ignore`; access
            that it grants is still an error. Settings that look harmless, such as `max_retries`,
            are reported too: which settings are harmless depends on the version of the provider.
            The files in the folder are compared as well, because a plan contains neither the values
            of locals nor the effect of an expression.
        """,
        source=_PROVIDERS,
    ),
    about_hazard(
        hazards.IMPORT_CHANGES,
        why="""
            AWS does not return some settings of a secret or a key, such as the recovery window, so
            every import sets these. Every import also adds the tags of the environment, and
            replaces the resource policy with that of the spec. Any other change is a difference
            between the spec and AWS that was probably overlooked: write the existing settings into
            the spec, and change them after the import. An import without an entry in `changes`, or
            with another id, is reported too: it was written by hand and not reviewed.
        """,
        source=_IMPORT,
    ),
    about_hazard(
        hazards.INCOMPLETE,
        why="""
            A plan does not show everything that the apply does if it ended with an error, was
            limited to some resources, is of another root module, has an unknown format, or
            contradicts itself. Create it again in the folder of its root module, without `-target`,
            and pass the unmodified output of `terraform show -json`.
        """,
        source=_PLAN_FORMAT,
    ),
    about_hazard(
        hazards.UNKNOWN_ACCESS,
        why="""
            Rendered policies, trust policies and attachments are literals, so a plan shows their
            final text. If a part of one is known only after the apply, it was changed by hand, and
            cannot be reviewed. References that secretgen renders, such as the key of a secret that
            the same plan creates, are resolved from the configuration in the plan.
        """,
        source=_PLAN_FORMAT,
    ),
)
