"""What the policies of a caller and of a resource say together, from what `judge` says of each.

The rules are those of the IAM User Guide, "Cross-account policy evaluation logic".
"""

from secretgen.policy.evaluate import Decision, Judgement, Request, judge
from secretgen.policy.parse import Policy


def combine(
    request: Request, identity: Policy | None, resource: Policy, *, owner: str, is_key: bool = False
) -> Decision:
    """Decides a request by the caller's identity policy and the resource's own policy.

    Args:
        request: the request.
        identity: policy of the caller's role; None for a caller without one.
        resource: policy of the secret or key.
        owner: id of the account that owns the resource.
        is_key: True for a KMS key, whose policy must allow even its own account's callers.
    """
    by_resource = judge(resource, request)
    by_identity = judge(identity, request) if identity else Judgement(Decision.NOTHING)
    if Decision.DENY in (by_resource.decision, by_identity.decision):
        return Decision.DENY
    allowed_here = by_resource.decision is Decision.ALLOW
    allowed_there = by_identity.decision is Decision.ALLOW
    if request.caller.account != owner:
        has_identity = bool(request.caller.arn)
        allowed = allowed_here and (allowed_there or not has_identity)
        return Decision.ALLOW if allowed else Decision.NOTHING
    by_itself = allowed_here and not by_resource.delegated
    through_identity = allowed_there and (allowed_here or not is_key)
    return Decision.ALLOW if by_itself or through_identity else Decision.NOTHING
