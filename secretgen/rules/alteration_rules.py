"""Rules about changes of what stays, in specs or in a Terraform plan.

The last ones are about what only a plan shows. `secretgen gate` finds it.
"""

from secretgen.change import hazards
from secretgen.rules.rule import about_hazard

_PREVENT_DESTROY = (
    "https://developer.hashicorp.com/terraform/language/meta-arguments/lifecycle#prevent_destroy"
)
_STATE = "https://developer.hashicorp.com/terraform/language/state/purpose"
_VERSIONS = "https://docs.aws.amazon.com/secretsmanager/latest/userguide/whats-in-a-secret.html"
_ROTATION = "https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotating-secrets.html"
_DELETE = "https://docs.aws.amazon.com/secretsmanager/latest/userguide/manage_delete-secret.html"
_PLAN_FORMAT = "https://developer.hashicorp.com/terraform/internals/json-format"
_IMPORT = "https://developer.hashicorp.com/terraform/language/import"
_POLICIES = (
    "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html"
)
_PROVIDERS = "https://developer.hashicorp.com/terraform/language/providers/configuration"

RULES = (
    about_hazard(
        hazards.BEGINS_ANEW,
        why="""
            Terraform knows from the state what it manages. In another account or Region, or with
            another state, it creates everything again: existing names fail, and the old secrets and
            keys are no longer managed. The key of the state contains the name of the environment
            unless `backend.key` is set.
        """,
        source=_STATE,
        before="""
            environment: prod
        """,
        example="""
             environment: preprod
            +backend:
            +  { bucket: my-terraform-state, locking: s3, key: prod/secrets/terraform.tfstate }
            +ignore:
            +  - { rule: SG504, of: environment, reason: The state keeps its key }
        """,
    ),
    about_hazard(
        hazards.VALUE_OVERWRITTEN,
        why="""
            Terraform does not know the value of a secret that rotates. With a new `version` it
            would overwrite that value with the input variable or a new random password, and the
            database would refuse it. Keep the `version` that wrote the value last, even when you
            end the rotation. A secret whose value is `external` has a value that Terraform did not
            write: the first version that Terraform writes replaces it for all readers.
        """,
        source=_VERSIONS,
        before="""
            secrets:
              app/base:
                value: { from: generated }
                rotation:
                  lambda_arn: "arn:aws:lambda:us-east-1:123456789012:function:rotate"
                  every_days: 30
        """,
        example="""
             secrets:
               app/base:
            -    value: { from: generated, version: 2 }
            +    value: { from: generated }
                 rotation:
                   lambda_arn: "arn:aws:lambda:us-east-1:123456789012:function:rotate"
                   every_days: 30
        """,
    ),
    about_hazard(
        hazards.LITERAL_NOT_WRITTEN,
        why="""
            Terraform writes a value only when its `version` changes. Without a new version, AWS
            keeps the old value although the spec has another. A new version writes the whole value
            again, including input variables and new generated passwords.
        """,
        source=_VERSIONS,
        before="""
            secrets:
              app/base: { value: { from: json, fields: { host: { literal: db-1 } } } }
        """,
        example="""
             secrets:
            -  app/base: { value: { from: json, fields: { host: { literal: db-2 } } } }
            +  app/base: { value: { from: json, version: 2, fields: { host: { literal: db-2 } } } }
        """,
    ),
    about_hazard(
        hazards.KEY_CHANGES,
        why="""
            AWS encrypts the current version with the new key; earlier versions stay encrypted with
            the old key. Readers need access to the new key: grant it to callers outside the spec
            first.
        """,
        source="https://docs.aws.amazon.com/secretsmanager/latest/userguide/manage_update-encryption-key.html",
        before="""
            keys: { one: {}, two: {} }
            secrets:
              app/base: { kms_key: one }
              app/other: { kms_key: one }
              app/third: { kms_key: two }
        """,
        example="""
             keys: { one: {}, two: {} }
             secrets:
               app/base: { kms_key: two }
               app/other: { kms_key: one }
               app/third: { kms_key: two }
            +ignore:
            +  - { rule: SG509, of: secrets.app/base, reason: All readers are in this spec }
        """,
    ),
    about_hazard(
        hazards.ROTATION_SWITCHED,
        why="""
            When rotation ends, the current value stays valid until it is changed manually. When
            rotation starts, it replaces a value of which clients may keep a copy. A forgotten
            secret keeps rotating only while its function has the permission to be invoked for it.
        """,
        source=_ROTATION,
        before="""
            secrets:
              app/base: {}
        """,
        example="""
             secrets:
               app/base:
                 rotation:
                   lambda_arn: "arn:aws:lambda:us-east-1:123456789012:function:rotate"
                   every_days: 30
            +ignore:
            +  - { rule: SG510, of: secrets.app/base, reason: Every reader asks AWS for the value }
        """,
    ),
    about_hazard(
        hazards.SLOWER,
        why="""
            A leaked value stays valid until the next rotation, and a deletion can be undone only
            within the recovery window.
        """,
        source=_DELETE,
        before="""
            secrets:
              app/base: { recovery_window_days: 30 }
        """,
        example="""
             secrets:
               app/base: { recovery_window_days: 7 }
            +ignore:
            +  - { rule: SG512, of: secrets.app/base, reason: The secret can be created again }
        """,
    ),
    about_hazard(
        hazards.PROTECTION_OFF,
        why="""
            No resource changes, so a plan does not show it. Once it is applied, removing the secret
            from the spec destroys the secret and its key without further confirmation. If the
            environment's own trail is switched off, the key of its logs is deleted as well, and
            nobody can read them any more.
        """,
        source=_PREVENT_DESTROY,
        before="""
            secrets:
              app/base: {}
        """,
        example="""
             secrets:
               app/base: { deletion_protection: false }
            +ignore:
            +  - { rule: SG513, of: secrets.app/base, reason: It is removed this week }
        """,
    ),
    about_hazard(
        hazards.POLICY_SWITCHED,
        why="""
            When a policy becomes managed, Terraform overwrites the existing one, including
            everything that it allowed beyond the spec. A policy that is no longer managed stays in
            AWS as it was last applied, and later changes of readers or writers do not update it.
            `gate` also reports a plan that overwrites a policy which secretgen cannot evaluate,
            because it is unknown who would lose access.
        """,
        source="https://docs.aws.amazon.com/secretsmanager/latest/userguide/auth-and-access_resource-policies.html",
        before="""
            secrets:
              app/base: { policy: unmanaged }
        """,
        example="""
             secrets:
               app/base: {}
            +changes:
            +  - import:
            +      to: secrets.app/base
            +      id: arn:aws:secretsmanager:us-east-1:123456789012:secret:app/base-AbCdEf
            +      policy: true
        """,
    ),
    about_hazard(
        hazards.DELETED_IN_AWS,
        why="""
            The state has a secret or a key that was deleted in AWS by other means, and the plan
            creates another one: a secret without its value, or a key that decrypts nothing of what
            the old one encrypted. AWS keeps a deleted secret for its recovery window, and a deleted
            key for its deletion window. Undo the deletion while that is possible, and create the
            plan again. If the old one is lost or no longer needed, add an entry to `ignore`.
        """,
        source=_DELETE,
    ),
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
            the spec, and change them after the import. An import without an entry in `changes`,
            with another id, or of an object that the state has at another address, is reported too.
        """,
        source=_IMPORT,
    ),
    about_hazard(
        hazards.INCOMPLETE,
        why="""
            A plan does not show everything that the apply does if it ended with an error, was
            limited to some resources or to a refresh, is of another root module, has an unknown
            format, or contradicts itself. Create it again in the folder of its root module, without
            `-target` and `-refresh-only`, and pass the unmodified output of `terraform show -json`.
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
