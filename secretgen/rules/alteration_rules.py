"""Rules about changes of what stays, in specs or in a Terraform plan."""

from __future__ import annotations

from secretgen.change import hazards
from secretgen.rules.rule import about_hazard

_PREVENT_DESTROY = (
    "https://developer.hashicorp.com/terraform/language/meta-arguments/lifecycle#prevent_destroy"
)
_STATE = "https://developer.hashicorp.com/terraform/language/state/purpose"
_VERSIONS = "https://docs.aws.amazon.com/secretsmanager/latest/userguide/whats-in-a-secret.html"
_ROTATION = "https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotating-secrets.html"
_DELETE = "https://docs.aws.amazon.com/secretsmanager/latest/userguide/manage_delete-secret.html"

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
)
