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
            what the spec renders, statement by statement; a Deny statement counts as a whole. So
            are the expressions in the HCL on disk, since a plan names only what they refer to. So
            is every resource that may grant access and that the spec does not render. Access that
            the spec does not describe is not reviewed by anybody who reads the spec. Write it into
            the spec, or remove it.
        """,
        source=_POLICIES,
    ),
    about_hazard(
        hazards.NOT_RENDERED,
        why="""
            A resource, a data source, a provisioner, an argument or a provider setting that is not
            rendered from the spec was added by hand, or the plan was made of files that are out of
            date. What it does is not known from the spec: another endpoint or role of a provider,
            a data source that reads a value, a command that runs during the apply. Render the spec
            and make the plan again. Where it is intended, an entry of `ignore` allows it; access
            that it opens is still an error.

            Settings that look harmless, such as `max_retries`, are found too: which ones are
            harmless depends on the version of the provider, and only a list of what is rendered can
            be complete.
            The files in the folder are compared as well, because a plan holds neither the values of
            locals nor what an expression does with a reference.
        """,
        source=_PROVIDERS,
    ),
    about_hazard(
        hazards.IMPORT_CHANGES,
        why="""
            AWS does not tell some settings of a secret or a key, such as the recovery window: every
            import sets these. Tags of the environment are added, and the resource policy becomes
            that of the spec. Anything else that an import changes is a difference between the spec
            and what exists, which was probably not seen: write what exists into the spec, and
            change it after the import. An object that no entry of `changes` imports, or another id,
            is found too: it was written by hand, and nobody reviewed whose it is.
        """,
        source=_IMPORT,
    ),
    about_hazard(
        hazards.INCOMPLETE,
        why="""
            A plan that ended with an error, that was limited to some resources, that is of another
            root module, whose format is not known, or whose parts contradict each other does not
            show what the apply does. Make it again in the folder that it is named for, without
            `-target`, and pass the output of `terraform show -json` as it is.
        """,
        source=_PLAN_FORMAT,
    ),
    about_hazard(
        hazards.UNKNOWN_ACCESS,
        why="""
            Rendered policies, trust policies and attachments are literals, so that a plan shows
            them as they will be. Where a part of one is known only after the apply, it was made of
            something else, and nobody can review it. References that are rendered, such as a
            secret's key that the same plan creates, are known by the configuration in the plan.
        """,
        source=_PLAN_FORMAT,
    ),
)
