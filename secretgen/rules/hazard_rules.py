"""Rules about a change: of two specs, or in a Terraform plan. `secretgen.change` detects them."""

from __future__ import annotations

from secretgen.change import hazards
from secretgen.change.hazards import Hazard
from secretgen.rules.rule import Rule, described

_PREVENT_DESTROY = (
    "https://developer.hashicorp.com/terraform/language/meta-arguments/lifecycle#prevent_destroy"
)
_DELETE_KEY = "https://docs.aws.amazon.com/kms/latest/developerguide/deleting-keys.html"
_REPLICATION = "https://docs.aws.amazon.com/secretsmanager/latest/userguide/replicate-secrets.html"
_STATE = "https://developer.hashicorp.com/terraform/language/state/purpose"
_VERSIONS = "https://docs.aws.amazon.com/secretsmanager/latest/userguide/whats-in-a-secret.html"
_ROTATION = "https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotating-secrets.html"
_DELETE = "https://docs.aws.amazon.com/secretsmanager/latest/userguide/manage_delete-secret.html"


def _about(
    hazard: Hazard, *, why: str, source: str, before: str = "", wrong: str = "", right: str = ""
) -> Rule:
    return described(
        hazard.rule,
        hazard.title,
        why=why,
        source=source,
        before=before,
        wrong=wrong,
        right=right,
        severity=hazard.severity,
        of=hazard.kinds,
        verbs=tuple(sorted(hazard.verbs)),
    )


RULES = (
    _about(
        hazards.SECRET_LEAVES,
        why="""
            Terraform destroys what a configuration no longer declares. `prevent_destroy` does not
            help: it is part of the block that disappears. AWS cannot rename a secret either: a
            new name is a new, empty secret, and the old one is deleted with its value, its key
            and its replicas. So a secret that was protected stays until the spec says what becomes
            of it: `destroy` deletes it in AWS, `forget` leaves it there without Terraform. Or
            switch `deletion_protection` off, render and apply, and remove it afterwards. To
            rename a secret, keep both names until the value is copied and the readers use the new
            one. An entry of `service_secrets` is always protected: to destroy it switches off the
            rotation of the AWS service. The test `tests/e2e/test_year.py` makes such changes with
            Terraform, and nothing that was not let go is destroyed.
        """,
        source=_PREVENT_DESTROY,
        before="""
            secrets:
              app/base: {}
              app/stripe-key: {}
        """,
        wrong="""
            secrets:
              app/base: {}
        """,
        right="""
            secrets:
              app/base: {}
            changes:
              - destroy: secrets.app/stripe-key
        """,
    ),
    _about(
        hazards.KEY_LEAVES,
        why="""
            Without its key, no version of a secret that is encrypted with it can ever be read
            again, and AWS deletes a key for good after its deletion window. A key leaves when a
            secret goes over to another one, when a shared key is removed or renamed, and when no
            replica in a Region uses it any more. A shared key is protected while a secret that
            uses it is, or while none does. `move` gives a key a new name and keeps it, `destroy`
            allows Terraform to schedule its deletion once nothing uses it, `forget` leaves it in
            AWS. The test `tests/e2e/test_key_moves.py` shows with Terraform that a key goes after
            everything that it encrypts.
        """,
        source=_DELETE_KEY,
        before="""
            keys: { payments: {} }
            secrets:
              app/base: { kms_key: payments }
        """,
        wrong="""
            keys: { pay: {} }
            secrets:
              app/base: { kms_key: pay }
        """,
        right="""
            keys: { pay: {} }
            secrets:
              app/base: { kms_key: pay }
            changes:
              - move: { from: keys.payments, to: keys.pay }
        """,
    ),
    _about(
        hazards.REPLICA_LEAVES,
        why="""
            Whatever reads the secret in that Region stops, and its key there is deleted. The AWS
            provider does not remove the last replica of a secret: the plan stops until it was
            removed with the AWS CLI, so that no key dies under a living replica. When nothing
            uses a Region any more its provider leaves the configuration, and Terraform cannot
            destroy what is there: `destroy: regions.<region>` keeps the provider for it.
        """,
        source=_REPLICATION,
        before="""
            secrets:
              app/base: { replicas: [us-west-2] }
        """,
        wrong="""
            secrets:
              app/base: {}
        """,
        right="""
            secrets:
              app/base: {}
            changes:
              - destroy: regions.us-west-2
        """,
    ),
    _about(
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
        wrong="""
            environment: preprod
        """,
        right="""
            environment: preprod
            backend:
              { bucket: my-terraform-state, locking: s3, key: prod/secrets/terraform.tfstate }
            ignore:
              - { rule: SG504, of: environment, reason: The state keeps its key }
        """,
    ),
    _about(
        hazards.VALUE_OVERWRITTEN,
        why="""
            A secret that rotates holds a value that Terraform has never seen. A new `version`
            would write the input variable, or a new random password, over it: the database would
            refuse the new one. The number has to stay as it was when the value was last written,
            also when the rotation ends.
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
        wrong="""
            secrets:
              app/base:
                value: { from: generated, version: 2 }
                rotation:
                  lambda_arn: "arn:aws:lambda:us-east-1:123456789012:function:rotate"
                  every_days: 30
        """,
        right="""
            secrets:
              app/base:
                value: { from: generated }
                rotation:
                  lambda_arn: "arn:aws:lambda:us-east-1:123456789012:function:rotate"
                  every_days: 30
        """,
    ),
    _about(
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
        wrong="""
            secrets:
              app/base: { value: { from: json, fields: { host: { literal: db-2 } } } }
        """,
        right="""
            secrets:
              app/base: { value: { from: json, version: 2, fields: { host: { literal: db-2 } } } }
        """,
    ),
    _about(
        hazards.FOLDER_LEAVES,
        why="""
            A folder with a root module of its own has a state of its own. When the folder is
            removed, nothing manages any more what that state holds. Run `terraform destroy` there
            first, or hand the state over.
        """,
        source=_STATE,
        before="""
            accounts: { app: { id: "111111111111" } }
            secrets:
              app/base: { readers: [app] }
        """,
        wrong="""
            secrets:
              app/base: {}
        """,
        right="""
            secrets:
              app/base: {}
            ignore:
              - { rule: SG507, of: accounts.app, reason: Its roles were destroyed on 1 March }
        """,
    ),
    _about(
        hazards.READER_LEAVES,
        why="""
            A reader or writer loses a secret as soon as the environment is applied; a role that is
            replaced gets it again only when its own account has been applied too. So does a role
            that stays and is no longer named by one secret. Readers and writers of a forgotten
            secret leave the policy of the shared key that encrypts it.
        """,
        source="https://docs.aws.amazon.com/secretsmanager/latest/userguide/auth-and-access_examples_cross.html",
        before="""
            accounts: { app: { id: "111111111111" } }
            secrets:
              app/base: { readers: [app, { account: app, role: batch }] }
        """,
        wrong="""
            accounts: { app: { id: "111111111111" } }
            secrets:
              app/base: { readers: [app] }
        """,
        right="""
            accounts: { app: { id: "111111111111" } }
            secrets:
              app/base: { readers: [app] }
            ignore:
              - { rule: SG508, of: accounts.app, reason: Nothing uses batch any more }
        """,
    ),
    _about(
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
        wrong="""
            keys: { one: {}, two: {} }
            secrets:
              app/base: { kms_key: two }
              app/other: { kms_key: one }
              app/third: { kms_key: two }
        """,
        right="""
            keys: { one: {}, two: {} }
            secrets:
              app/base: { kms_key: two }
              app/other: { kms_key: one }
              app/third: { kms_key: two }
            ignore:
              - { rule: SG509, of: secrets.app/base, reason: All readers are in this spec }
        """,
    ),
    _about(
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
        wrong="""
            secrets:
              app/base:
                rotation:
                  lambda_arn: "arn:aws:lambda:us-east-1:123456789012:function:rotate"
                  every_days: 30
        """,
        right="""
            secrets:
              app/base:
                rotation:
                  lambda_arn: "arn:aws:lambda:us-east-1:123456789012:function:rotate"
                  every_days: 30
            ignore:
              - { rule: SG510, of: secrets.app/base, reason: Every reader asks AWS for the value }
        """,
    ),
    _about(
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
        wrong="""
            secrets:
              app/base: { recovery_window_days: 7 }
        """,
        right="""
            secrets:
              app/base: { recovery_window_days: 7 }
            ignore:
              - { rule: SG512, of: secrets.app/base, reason: The secret can be made anew }
        """,
    ),
    _about(
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
        wrong="""
            secrets:
              app/base: { deletion_protection: false }
        """,
        right="""
            secrets:
              app/base: { deletion_protection: false }
            ignore:
              - { rule: SG513, of: secrets.app/base, reason: It is removed this week }
        """,
    ),
    _about(
        hazards.UNREADABLE,
        why="""
            What the spec takes away shows only next to what is committed. Files of another
            release's layout, or files that do not parse, cannot be compared. Restore them, or
            render them with the release that wrote them. If nothing was deployed from them, an
            entry of `ignore` allows to go on without the comparison.
        """,
        source="The spec language, `ignore`",
    ),
    _about(
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
        wrong="""
            secrets:
              app/base: {}
        """,
        right="""
            secrets:
              app/base: {}
            changes:
              - import:
                  to: secrets.app/base
                  id: arn:aws:secretsmanager:us-east-1:123456789012:secret:app/base-AbCdEf
                  policy: true
        """,
    ),
)
