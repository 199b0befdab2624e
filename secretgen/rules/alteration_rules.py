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
            Terraform knows what it manages from the state. In another account or Region, or with
            the state at another place, it creates everything anew: names that are taken fail,
            and the old secrets and keys stay without anything that manages them. The key of the
            state follows the name of the environment unless `backend.key` is set.
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
            A secret that rotates holds a value that Terraform has never seen. A new `version`
            would write the input variable, or a new random password, over it: the database would
            refuse the new one. The number has to stay as it was when the value was last written,
            also when the rotation ends.

            A secret whose value is `external` exists with a value that somebody has put there.
            The first version that Terraform writes takes its place, and readers get that one.
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
            Terraform writes a value when its `version` changes, and only then: otherwise AWS keeps
            the old one although the spec has another. A new version writes the whole value: its
            input variables and new generated passwords as well.
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
            AWS encrypts the current version with the new key, and earlier versions stay encrypted
            with the old one. Whoever reads the secret needs the new key: callers outside the spec
            must be granted it first.
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
            When rotation ends, the current value stays valid until somebody changes it. When it
            begins, the rotation replaces a value that somebody may still keep a copy of. A secret
            that is forgotten rotates on only while its function may be invoked for it.
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
            A value that leaked stays valid until the next rotation, and a deletion can be undone
            only within the recovery window.
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
            +  - { rule: SG512, of: secrets.app/base, reason: The secret can be made anew }
        """,
    ),
    about_hazard(
        hazards.PROTECTION_OFF,
        why="""
            No resource changes, so that a plan does not show it. Once it is applied, to remove the
            secret from the spec destroys it and its key without a further question. A trail of the
            environment's own goes with the key of its logs, which cannot be read any more then.
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
            A policy that begins to be managed is overwritten: what it allowed beyond the spec is
            gone. One that is no longer managed stays in AWS as it was applied last, and no later
            change of readers or writers reaches it.
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
