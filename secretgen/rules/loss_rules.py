"""Rules about what a change takes away, in specs or in a Terraform plan."""

from __future__ import annotations

from secretgen.change import hazards
from secretgen.rules.rule import about_hazard

_PREVENT_DESTROY = (
    "https://developer.hashicorp.com/terraform/language/meta-arguments/lifecycle#prevent_destroy"
)
_DELETE_KEY = "https://docs.aws.amazon.com/kms/latest/developerguide/deleting-keys.html"
_REPLICATION = "https://docs.aws.amazon.com/secretsmanager/latest/userguide/replicate-secrets.html"
_STATE = "https://developer.hashicorp.com/terraform/language/state/purpose"

RULES = (
    about_hazard(
        hazards.SECRET_LEAVES,
        why="""
            Terraform destroys what a configuration no longer declares. `prevent_destroy` does not
            help: it is part of the block that disappears. AWS cannot rename a secret either: a new
            name is a new, empty secret, and the old one is deleted with its value, its key and its
            replicas. So a protected secret stays until an entry of `changes` allows its removal:
            `destroy` deletes it in AWS, `forget` keeps it there without Terraform. Or switch
            `deletion_protection` off, render and apply, and remove it afterwards. To rename a
            secret, keep both names until the value is copied and the readers use the new one. An
            entry of `service_secrets` is always protected: to destroy it switches off the rotation
            of the AWS service. The test `tests/acceptance/test_acceptance.py` makes such changes
            with Terraform, and Terraform destroys only what `changes` allows.
        """,
        source=_PREVENT_DESTROY,
        before="""
            secrets:
              app/base: {}
              app/stripe-key: {}
        """,
        example="""
             secrets:
               app/base: {}
            +changes:
            +  - destroy: secrets.app/stripe-key
        """,
    ),
    about_hazard(
        hazards.KEY_LEAVES,
        why="""
            Without its key, no version of a secret that is encrypted with it can ever be read
            again, and AWS deletes a key for good after its deletion window. A key leaves when a
            secret goes over to another one, when a shared key is removed or renamed, and when no
            replica in a Region uses it any more. A shared key is protected while a secret that
            uses it is, or while none does. `move` gives a key a new name and keeps it, `destroy`
            allows Terraform to schedule its deletion once nothing uses it, `forget` leaves it in
            AWS. A secret that is forgotten still needs its key: while `changes` forgets one, shared
            keys that leave a replica Region stay in AWS, too. The test
            `tests/e2e/test_key_moves.py` shows with Terraform that a key goes after everything that
            it encrypts.
        """,
        source=_DELETE_KEY,
        before="""
            keys: { payments: {} }
            secrets:
              app/base: { kms_key: payments }
        """,
        example="""
             keys: { pay: {} }
             secrets:
               app/base: { kms_key: pay }
            +changes:
            +  - move: { from: keys.payments, to: keys.pay }
        """,
    ),
    about_hazard(
        hazards.REPLICA_LEAVES,
        why="""
            Whatever reads the secret in that Region stops, and its key there is deleted. The AWS
            provider does not remove the last replica of a secret: the plan stops until it was
            removed with the AWS CLI, so that no replica loses its key. When nothing uses a Region
            any more its provider leaves the configuration, and Terraform cannot destroy what is
            there: `destroy: regions.<region>` keeps the provider for it.
        """,
        source=_REPLICATION,
        before="""
            secrets:
              app/base: { replicas: [us-west-2] }
        """,
        example="""
             secrets:
               app/base: {}
            +changes:
            +  - destroy: regions.us-west-2
        """,
    ),
    about_hazard(
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
        example="""
             secrets:
               app/base: {}
            +ignore:
            +  - { rule: SG507, of: accounts.app, reason: Its roles were destroyed on 1 March }
        """,
    ),
    about_hazard(
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
        example="""
             accounts: { app: { id: "111111111111" } }
             secrets:
               app/base: { readers: [app] }
            +ignore:
            +  - { rule: SG508, of: accounts.app, reason: Nothing uses batch any more }
        """,
    ),
    about_hazard(
        hazards.UNREADABLE,
        why="""
            What a change removes is found by comparison with the committed files. Files of another
            release's layout, or files that do not parse, cannot be compared. Restore them, or
            render them with the release that wrote them. If nothing was deployed from them, an
            entry of `ignore` allows to go on without the comparison.
        """,
        source="The spec language, `ignore`",
    ),
)
