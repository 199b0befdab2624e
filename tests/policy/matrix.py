"""Every kind of caller against the policies of `sharing.yaml`, and what another evaluator says.

The other one is that of `oracle`: its decisions are in `matrix_decisions.txt`, one letter a
case. `python -c "from tests.policy import matrix; matrix.record()"` writes them again, where
ministack is installed.
"""

import itertools
from pathlib import Path

from secretgen.model.names import role_arn
from secretgen.policy.documents import key_policy, secret_policy
from secretgen.policy.role_policies import role_policy
from secretgen.spec.load import load_spec
from tests.policy import oracle
from tests.rendered import SPECS

RECORDED = Path(__file__).with_name("matrix_decisions.txt")
KEY_ID = "1a2b3c4d-5e6f-4a7b-8c9d-0e1f2a3b4c5d"
ENVIRONMENT = load_spec((SPECS / "sharing.yaml").read_bytes(), "sharing.yaml").environment
assert ENVIRONMENT
AWS = ENVIRONMENT.aws
SECRETS = {s.name: s for s in ENVIRONMENT.secrets if s.name in {"app/token", "db/main"}}
KEYS = {
    (key.name, regional.region): key_policy(AWS, regional)
    for key in ENVIRONMENT.keys
    for regional in key.regions
}
IDENTITIES = {
    role_arn(AWS.partition, account.id, role.name): role_policy(ENVIRONMENT, role)
    for account in ENVIRONMENT.accounts
    for role in account.roles
}
ALL = {"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
OWN = ("admin", "terraform", "ops/break-glass", "break-glass", "serverlessrepo-rotate-ROLE")
STRANGERS = (
    ("111111111111", "sharing-reader-2"),
    ("111111111111", "team/sharing-reader"),
    ("222222222222", "data-reader"),
    ("222222222222", "sharing-reader"),
    ("999999999999", "sharing-reader"),
)
CALLERS = {
    **IDENTITIES,
    # Whatever their own policies allow: an administrator of the account, a stranger.
    **{role_arn(AWS.partition, AWS.account_id, name): ALL for name in OWN},
    **{role_arn(AWS.partition, *stranger): ALL for stranger in STRANGERS},
}
SECRET_ACTIONS = (
    "DescribeSecret",
    "GetSecretValue",
    "PutSecretValue",
    "UpdateSecretVersionStage",
    "UpdateSecret",
    "PutResourcePolicy",
    "DeleteSecret",
)
KEY_ACTIONS = ("Decrypt", "GenerateDataKey", "CreateGrant")
REGIONS = ("us-east-1", "us-west-2")


def _cases():
    organization = AWS.organization_id
    for (name, secret), region in itertools.product(SECRETS.items(), REGIONS):
        if region != AWS.region and all(r.region != region for r in secret.replicas):
            continue
        arn = f"arn:aws:secretsmanager:{region}:{AWS.account_id}:secret:{name}-AbCdEf"
        via = f"secretsmanager.{region}.amazonaws.com"
        through = {"kms:viaservice": via, "kms:encryptioncontext:secretarn": arn}
        other = {**through, "kms:encryptioncontext:secretarn": f"{arn[:-6]}other-AbCdEf"}
        key = secret.kms_key if secret.kms_key == "shared" else name
        for caller, identity in CALLERS.items():
            case = {"identity": identity, "caller": (caller.split(":")[4], caller)}
            for action, secure in itertools.product(SECRET_ACTIONS, (True, False)):
                asked = (f"secretsmanager:{action}", arn)
                for member in (organization, "") if secure else (organization,):
                    document = secret_policy(ENVIRONMENT, secret)
                    yield {**case, "resource": document, "asked": asked, "secure": secure,
                           "organization": member, "context": {}}  # fmt: skip
            for action, context in itertools.product(KEY_ACTIONS, (through, other, {})):
                asked = (f"kms:{action}", f"arn:aws:kms:{region}:{AWS.account_id}:key/{KEY_ID}")
                yield {**case, "resource": KEYS[key, region], "asked": asked, "secure": True,
                       "organization": organization, "context": context}  # fmt: skip


CASES = [
    {**case, "identity": case["identity"]["Statement"], "resource": case["resource"]["Statement"]}
    for case in _cases()
]


def record():
    """Writes the other evaluator's decisions, one letter a case."""
    letters = "".join(oracle.ask(case)[0] for case in CASES)
    lines = [letters[i : i + 100] for i in range(0, len(letters), 100)]
    RECORDED.write_text("\n".join(lines) + "\n", encoding="utf-8")


def recorded():
    """Reads them back."""
    words = {"a": "allow", "d": "deny", "n": "nothing"}
    return [words[c] for c in RECORDED.read_text(encoding="utf-8") if c != "\n"]
