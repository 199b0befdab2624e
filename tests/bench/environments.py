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
_ROTATION = "lambda_arn: arn:aws:lambda:us-east-1:123456789012:function:rotate"


def spec(count: int, days: int = 30) -> str:
    """Writes a spec of so many secrets, of which one rotates every `days`."""
    body = "".join(f"  app/secret-{n}: {{ readers: [app] }}\n" for n in range(count - 1))
    return f"{HEAD}{body}  app/rotated: {{ rotation: {{ {_ROTATION}, every_days: {days} }} }}\n"
