"""Limits of AWS on the settings of secrets and keys, found while a spec is decoded."""

from secretgen.rules.rule import described

_API = "https://docs.aws.amazon.com/secretsmanager/latest/apireference/"
_DOCS = "https://docs.aws.amazon.com/"

RULES = (
    described(
        "SG201",
        "Secret name that AWS refuses",
        why="Names are 1 to 512 letters, digits and the characters /_+=.@-; AWS refuses others.",
        source=_API + "API_CreateSecret.html",
        example="""
             secrets:
            -  app key: {}
            +  app/key: {}
        """,
    ),
    described(
        "SG203",
        "Description that is too long",
        why="""
            The description of a secret has at most 2,048 characters, that of a key 8,192. Terraform
            does not check this, so the apply would fail half way.
        """,
        source=_API + "API_CreateSecret.html",
    ),
    described(
        "SG204",
        "Recovery window that AWS refuses",
        why="""
            A deleted secret can be restored for 7 to 30 days. With 0, AWS deletes it immediately
            and permanently. AWS refuses 1 to 6.
        """,
        source=_API + "API_DeleteSecret.html",
        example="""
             secrets:
            -  app/key: { recovery_window_days: 3 }
            +  app/key: { recovery_window_days: 7 }
        """,
    ),
    described(
        "SG205",
        "Rotation interval that AWS refuses",
        why="""
            `every_days` is a number from 1 to 1,000. To rotate more often than once a day, use a
            `schedule` such as `rate(12 hours)`.
        """,
        source=_API + "API_RotationRulesType.html",
        example="""
             secrets:
               app/key:
                 rotation:
                   lambda_arn: arn:aws:lambda:us-east-1:123456789012:function:rotate-app
            -      every_days: 0
            +      every_days: 1
        """,
    ),
    described(
        "SG208",
        "Duration that AWS refuses",
        why="""
            A rotation window has a whole number of hours and ends within its day: `1h` to `24h`.
        """,
        source=_API + "API_RotationRulesType.html",
        example="""
             secrets:
               app/key:
                 rotation:
                   lambda_arn: arn:aws:lambda:us-east-1:123456789012:function:rotate-app
                   every_days: 30
            -      duration: 90m
            +      duration: 2h
        """,
    ),
    described(
        "SG210",
        "Tag key that AWS or Terraform refuses",
        why="""
            Tag keys have 1 to 128 characters. Keys that begin with `aws:`, in upper or lower case,
            are reserved for AWS. The keys `#` and `%` never reach AWS: Terraform's provider drops
            such a tag. Terraform checks none of this.
        """,
        source=_API + "API_TagResource.html",
        example="""
            -tags: { "aws:owner": platform }
            +tags: { owner: platform }
        """,
    ),
    described(
        "SG211",
        "Tag value that AWS refuses",
        why="""
            Tag values have at most 256 characters, and must not begin with `aws:`. Terraform checks
            neither.
        """,
        source=_API + "API_TagResource.html",
        example="""
            -tags: { owner: "aws:platform" }
            +tags: { owner: platform }
        """,
    ),
    described(
        "SG221",
        "Key setting that KMS refuses",
        why="The deletion window of a key is 7 to 30 days, its rotation period 90 to 2,560 days.",
        source=_DOCS + "kms/latest/APIReference/API_EnableKeyRotation.html",
        example="""
             keys:
            -  app: { rotation_period_days: 30 }
            +  app: { rotation_period_days: 90 }
             secrets:
               app/key: { kms_key: app }
        """,
    ),
    described(
        "SG222",
        "ARN of the wrong type",
        why="""
            Give the ARN of a Lambda function for a rotation function, and the ARN of an SNS topic
            for a topic. A name alone does not show the account.
        """,
        source=_DOCS + "IAM/latest/UserGuide/reference-arns.html",
        example="""
             secrets:
            -  app/key: { rotation: { lambda_arn: rotate-app, every_days: 30 } }
            +  app/key:
            +    rotation:
            +      lambda_arn: arn:aws:lambda:us-east-1:123456789012:function:rotate-app
            +      every_days: 30
        """,
    ),
    described(
        "SG230",
        "Not a subnet or security group",
        why="""
            Subnets and security groups are given by id, such as `subnet-0a1b2c3d` and
            `sg-0a1b2c3d`.
        """,
        source=_DOCS + "lambda/latest/dg/configuration-vpc.html",
        example="""
             secrets:
               app/database:
                 rotation:
                   application: postgresql-single-user
            -      vpc: { subnet_ids: [private-a], security_group_ids: [sg-0a1b2c3d] }
            +      vpc: { subnet_ids: [subnet-0a1b2c3d], security_group_ids: [sg-0a1b2c3d] }
                   every_days: 30
        """,
    ),
    described(
        "SG231",
        "Password option that AWS refuses",
        why="A password has 1 to 4,096 characters, and `exclude_characters` lists at most 4,096.",
        source=_API + "API_GetRandomPassword.html",
        example="""
             secrets:
            -  app/key: { value: { from: generated, length: 5000 } }
            +  app/key: { value: { from: generated, length: 50 } }
        """,
    ),
)
