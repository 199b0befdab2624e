"""The spec that is measured: secrets with a key, an alias, a policy and a reader each."""

from __future__ import annotations

HEAD = """\
version: 1
environment: bench
aws: { account_id: "123456789012", region: us-east-1 }
backend: { bucket: bench-terraform-state, locking: s3 }
accounts:
  app: { id: "111111111111" }
secrets:
"""
_SECRETS_OF_A_ROLE = 500
"""Ten managed policies, all that a role may have, hold the names of some 600 of these secrets."""
_ROTATION = "lambda_arn: arn:aws:lambda:us-east-1:123456789012:function:rotate"


def spec(count: int, days: int = 30) -> str:
    """Writes a spec of so many secrets, of which one rotates every `days`."""
    body = "".join(f"  app/secret-{n}: {{ readers: [{_reader(n)}] }}\n" for n in range(count - 1))
    return f"{HEAD}{body}  app/rotated: {{ rotation: {{ {_ROTATION}, every_days: {days} }} }}\n"


def _reader(number: int) -> str:
    """Writes the reader of a secret: no role may read them all."""
    role = number // _SECRETS_OF_A_ROLE
    return f"{{ account: app, role: reader-{role} }}" if role else "app"
