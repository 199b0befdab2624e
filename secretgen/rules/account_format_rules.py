"""Limits of AWS on accounts and their resources, found while a spec is decoded."""

from secretgen.rules.rule import described

_DOCS = "https://docs.aws.amazon.com/"
_BACKEND = "https://developer.hashicorp.com/terraform/language/backend/s3"

RULES = (
    described(
        "SG215",
        "Not an account id",
        why="""
            An account id has 12 digits and may begin with zeros. Quotes are optional, because every
            value is read as text.
        """,
        source=_DOCS + "accounts/latest/reference/manage-acct-identifiers.html",
        example="""
            -aws: { account_id: "12345678901", region: us-east-1 }
            +aws: { account_id: "012345678901", region: us-east-1 }
        """,
    ),
    described(
        "SG216",
        "Not an organization id",
        why="""
            Every resource policy compares the organization of the caller with this id. With a wrong
            id, AWS denies all callers from other accounts.
        """,
        source=_DOCS + "organizations/latest/APIReference/API_Organization.html",
        example="""
            -aws: { account_id: "123456789012", region: us-east-1, organization_id: abcde12345 }
            +aws: { account_id: "123456789012", region: us-east-1, organization_id: o-abcde12345 }
        """,
    ),
    described(
        "SG218",
        "State key that Terraform refuses",
        why="""
            S3 drops a leading slash and treats a trailing slash as a folder; Terraform refuses
            both.
        """,
        source=_BACKEND,
        example="""
            -backend: { bucket: my-terraform-state, key: /staging/terraform.tfstate, locking: s3 }
            +backend: { bucket: my-terraform-state, key: staging/terraform.tfstate, locking: s3 }
        """,
    ),
    described(
        "SG219",
        "Not the name of a DynamoDB table",
        why="""
            Table names have 3 to 255 letters, digits, dots, hyphens and underscores. An ARN is not
            accepted.
        """,
        source=_DOCS + "amazondynamodb/latest/APIReference/API_CreateTable.html",
        example="""
            -backend: { bucket: my-terraform-state, dynamodb_table: terraform lock }
            +backend: { bucket: my-terraform-state, dynamodb_table: terraform-lock }
        """,
    ),
    described(
        "SG226",
        "Not the name of an IAM role",
        why="""
            Give the name of the role without the ARN, and with its path if it has one:
            `team/reader`. A name has at most 64 letters, digits and the characters _+=,.@-.
        """,
        source=_DOCS + "IAM/latest/UserGuide/reference_iam-quotas.html",
        example="""
             accounts:
            -  app: { id: "123456789012", role: "arn:aws:iam::123456789012:role/reader" }
            +  app: { id: "123456789012", role: reader }
             secrets: { app/key: { readers: [app] } }
        """,
    ),
    described(
        "SG227",
        "Not a service principal",
        why="""
            Give the service that may assume the role, such as `ec2.amazonaws.com` or
            `lambda.amazonaws.com`.
        """,
        source=_DOCS + "IAM/latest/UserGuide/reference_policies_elements_principal.html",
        example="""
             accounts:
            -  app: { id: "123456789012", trusted_service: EC2 }
            +  app: { id: "123456789012", trusted_service: ec2.amazonaws.com }
             secrets: { app/key: { readers: [app] } }
        """,
    ),
    described(
        "SG228",
        "Not the name of a log group",
        why="""
            Log group names have 1 to 512 letters, digits and the characters _/.#-. An ARN is not
            accepted.
        """,
        source=_DOCS + "AmazonCloudWatchLogs/latest/APIReference/API_CreateLogGroup.html",
        example="""
             monitoring:
               notify: { email: [security@example.com] }
               unauthorized_access: true
            -  cloudtrail_log_group: org trail
            +  cloudtrail_log_group: org-trail
        """,
    ),
    described(
        "SG229",
        "Not an e-mail address",
        why="SNS cannot deliver an alarm to this address.",
        source=_DOCS + "sns/latest/dg/sns-email-notifications.html",
        example="""
            -monitoring: { notify: { email: [security] }, writes: true }
            +monitoring: { notify: { email: [security@example.com] }, writes: true }
        """,
    ),
    described(
        "SG307",
        "Wildcard for a principal",
        why="""
            `*` in the name of a reader would allow roles that are not in the spec, and a resource
            policy that allows everyone is public. Name each role.
        """,
        source=_DOCS + "secretsmanager/latest/userguide/best-practices.html",
        example="""
             accounts:
            -  app: { id: "123456789012", role: "app-*" }
            +  app: { id: "123456789012", role: app-reader }
             secrets: { app/key: { readers: [app] } }
        """,
    ),
    described(
        "SG403",
        "Unknown Region",
        why="""
            Secrets Manager has no such Region. Replication to a Region that does not exist fails
            only when it is applied.
        """,
        source=_DOCS + "general/latest/gr/rande.html",
        example="""
             secrets:
            -  app/key: { replicas: [us-wset-2] }
            +  app/key: { replicas: [us-west-2] }
        """,
    ),
)
