"""Forms of what a spec describes about roles, found while it is decoded."""

from secretgen.rules.rule import described

_IAM = "https://docs.aws.amazon.com/IAM/latest/UserGuide/"

RULES = (
    described(
        "SG245",
        "Not the ARN of an IAM role or policy",
        why="""
            A trust policy requires the complete ARN of a role, and a permissions boundary that of a
            managed policy. IAM refuses a name alone, a user or a group during the apply.
        """,
        source=_IAM + "reference_identifiers.html",
        example="""
             accounts:
            -  app: { id: "123456789012", permissions_boundary: boundary }
            +  app:
            +    id: "123456789012"
            +    permissions_boundary: arn:aws:iam::123456789012:policy/boundary
             secrets:
               app/base: { readers: [app] }
        """,
    ),
    described(
        "SG246",
        "Not an external id",
        why="An external id has 2 to 1,224 letters, digits and the characters `_+=,.@:/-`.",
        source=_IAM + "id_roles_common-scenarios_third-party.html",
        example="""
             accounts:
               app:
                 id: "123456789012"
                 roles:
                   hub:
            -        trust: { roles: ["arn:aws:iam::222222222222:role/hub"], external_id: "a b" }
            +        trust: { roles: ["arn:aws:iam::222222222222:role/hub"], external_id: a-b }
             secrets:
               app/base: { readers: ["app:hub"] }
        """,
    ),
    described(
        "SG247",
        "Not an OIDC provider",
        why="""
            Give the URL of the provider without `https://`, such as
            `token.actions.githubusercontent.com` or `oidc.eks.REGION.amazonaws.com/id/ID`. Its ARN
            and its condition keys are formed from it.
        """,
        source=_IAM + "id_roles_providers_create_oidc.html",
        example="""
             accounts:
               app:
                 id: "123456789012"
                 roles:
                   ci:
                     trust:
                       oidc:
            -            provider: https://token.actions.githubusercontent.com
            +            provider: token.actions.githubusercontent.com
                         subject: repo:acme/app:ref:refs/heads/main
             secrets:
               app/base: { readers: ["app:ci"] }
        """,
    ),
    described(
        "SG248",
        "Not a token subject or audience",
        why="""
            IAM compares it with the claims of a token, which contain no spaces and no line breaks.
            It replaces `${…}` by a claim of the caller's own token, so that every token matches.
        """,
        source=_IAM + "reference_policies_iam-condition-keys.html",
        example="""
             accounts:
               app:
                 id: "123456789012"
                 roles:
                   ci:
                     trust:
                       oidc:
                         provider: token.actions.githubusercontent.com
            -            subject: "repo:acme/app: ref:refs/heads/main"
            +            subject: "repo:acme/app:ref:refs/heads/main"
             secrets:
               app/base: { readers: ["app:ci"] }
        """,
    ),
    described(
        "SG250",
        "Not an EKS or Kubernetes name",
        why="""
            IAM compares it with the session tags of EKS Pod Identity. A cluster, namespace or
            service account cannot have such a name.
        """,
        source="https://docs.aws.amazon.com/eks/latest/userguide/pod-id-abac.html",
        example="""
             accounts:
               app:
                 id: "123456789012"
                 roles:
            -      worker: { trust: { pod_identity: { namespace: Billing } } }
            +      worker: { trust: { pod_identity: { namespace: billing } } }
             secrets:
               app/base: { readers: ["app:worker"] }
        """,
    ),
)
