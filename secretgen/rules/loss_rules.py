"""Rules about what a change takes away, in specs or in a Terraform plan."""

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
            Terraform destroys resources that are no longer declared. `prevent_destroy` does not
            help: it is part of the block that was removed. AWS cannot rename a secret: the new name
            is a new, empty secret, and the old secret is deleted with its value, its key and its
            replicas. A protected secret therefore stays until an entry of `changes` allows its
            removal: `destroy` deletes it in AWS, `forget` keeps it there without Terraform. Or
            switch `deletion_protection` off, render and apply, and remove it afterwards. To rename
            a secret, keep both names until the value is copied and the readers use the new one. An
            entry of `service_secrets` is always protected, because destroying it switches off the
            rotation of the AWS service. The test `tests/acceptance/test_acceptance.py` makes such
            changes with Terraform, and Terraform destroys only what `changes` allows.
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
            A version of a secret can never be read again without the key that encrypts it, and AWS
            deletes a key permanently after its deletion window. A key is removed when a secret
            switches to another key, when a shared key is removed or renamed, and when the last
            replica in a Region stops using it. A shared key is protected if a protected secret uses
            it, or if no secret uses it. `move` renames a key and keeps it, unless another key has
            the new name already. `destroy` allows Terraform to schedule its deletion once nothing
            uses it, and `forget` leaves it in AWS. A forgotten secret still needs its key: as long
            as `changes` forgets one, shared keys that leave a replica Region stay in AWS, too. The
            test `tests/e2e/test_key_moves.py` shows with Terraform that a key is deleted only after
            everything that it encrypts has another key.
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
            Readers of the secret in that Region fail, and its key there is deleted. The AWS
            provider does not remove the last replica of a secret: the plan fails until you remove
            the replica with the AWS CLI, so that no replica loses its key. When nothing uses a
            Region any more, its provider is no longer rendered, and Terraform cannot destroy the
            resources there: `destroy: regions.<region>` keeps the provider.
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
            A folder with a root module has its own state. When the folder is removed, the resources
            in that state are no longer managed. Run `terraform destroy` there first, or hand the
            state over to another team.
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
            A reader or writer loses access to a secret as soon as the environment is applied. A
            role that is replaced gets access again only when its own account is applied, too. The
            same happens to a role that stays but is removed from one secret. Readers and writers of
            a forgotten secret are removed from the policy of the shared key that encrypts it.
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
            secretgen compares a change with the committed files to find what it removes. Files that
            do not parse, or that have the layout of another release, cannot be compared. Restore
            them, or render them with the release that wrote them. If nothing was deployed from
            them, an entry of `ignore` allows you to continue without the comparison.
        """,
        source="The spec language, `ignore`",
    ),
)
