"""Rules about what a rotation function of a database makes of the secret it finds."""

from __future__ import annotations

import re

from secretgen.model.applications import PASSWORD_FIELD, SUPERUSER_FIELD
from secretgen.model.secret import Password
from secretgen.rules.database_rules import applications, database_example, literal
from secretgen.rules.finding import Findings
from secretgen.rules.rotation_rules import rotations
from secretgen.rules.rule import ERROR, WARNING, rule
from secretgen.rules.rule_context import Context
from secretgen.spec.secret_schema import PasswordOptions

_STRUCTURE = "https://docs.aws.amazon.com/secretsmanager/latest/userguide/reference_secret_json_structure.html"
_SECRET_ARN = re.compile(
    r"arn:aws[a-z-]*:secretsmanager:[a-z0-9-]+:[0-9]{12}:secret:[0-9A-Za-z/_+=.@!-]+-[0-9A-Za-z]{6}"
)
_TEXT_FIELDS = ("dbname", "engine", "host", SUPERUSER_FIELD, "username")
_OF_A_DATABASE = ("engine", "host")
_LENGTHS = {"oracle": 30}
"""Characters of the passwords that a function makes, where these are not the default."""


@rule(
    "SG434",
    ERROR,
    "ARN of the superuser's secret required",
    why="""
        `masterarn` is the ARN of the secret with the credentials of the superuser who changes the
        password, including the six characters that AWS appended. The role of the function may read
        only that secret. If the secret does not exist yet, its ARN is known after its first apply:
        `terraform output secret_arns`.
    """,
    source=_STRUCTURE,
    example=database_example(
        "postgresql-multi-user",
        " engine: { literal: postgres }",
        " host: { literal: db.example.com }",
        "-masterarn: { literal: app/superuser }",
        "+masterarn:",
        "+  literal: arn:aws:secretsmanager:us-east-1:123456789012:secret:superuser-AbCdEf",
        " username: { literal: app }",
        " password: { from: variable }",
    ),
)
def _superuser_arn(context: Context) -> Findings:
    for secret, _ in rotations(context):
        named = literal(secret, SUPERUSER_FIELD) if secret.knows("value") else None
        if named is not None and not _SECRET_ARN.fullmatch(named):
            yield secret.finding(
                ("value", "fields", SUPERUSER_FIELD, "literal"),
                f"{SUPERUSER_FIELD!r} must be the complete ARN of a secret",
                "Write the ARN that `aws secretsmanager describe-secret` shows, or use "
                "`from: variable`.",
            )


@rule(
    "SG435",
    ERROR,
    "Password option that the rotation function ignores",
    why="""
        The function of an `application` creates every password after the first. It uses only the
        excluded characters of a generated `password`; the other options would apply to the first
        password only.
    """,
    source="https://docs.aws.amazon.com/cdk/api/v2/docs/aws-cdk-lib.aws_secretsmanager.SecretRotationProps.html",
    example="""
         secrets:
           app/database:
             value:
               from: json
               fields:
                 engine: { literal: postgres }
                 host: { literal: db.example.com }
                 username: { literal: app }
        -        password: { from: generated, exclude_punctuation: true }
        +        password: { from: generated, exclude_characters: "!#$%&" }
             rotation:
               application: postgresql-single-user
               vpc: { subnet_ids: [subnet-0a1b2c3d], security_group_ids: [sg-0a1b2c3d] }
               every_days: 30
             ignore: [{ rule: SG437, reason: the database is created with this password }]
    """,
)
def _ignored_options(context: Context) -> Findings:
    for secret, application, database in applications(context):
        password = secret.spec.value.fields.get(PASSWORD_FIELD)
        if password is None or password.from_ != "generated":
            continue
        made = Password(length=_LENGTHS.get(database, Password().length))
        for option in PasswordOptions.model_fields:
            given = getattr(password, option)
            if option != "exclude_characters" and given not in (None, getattr(made, option)):
                advice = f"Write {made.length}" if option == "length" else "Delete it"
                yield secret.finding(
                    ("value", "fields", PASSWORD_FIELD, option),
                    f"the function of {application} ignores {option!r}",
                    f"{advice}, or rotate with a function of your own. Of all options, "
                    "'exclude_characters' alone reaches the application.",
                    at_key=True,
                )


@rule(
    "SG436",
    ERROR,
    "Number or boolean where the rotation function reads text",
    why="""
        AWS's functions read `engine`, `host`, `username`, `dbname` and `masterarn` as text. A
        literal without quotes that is a number, `true` or `false` keeps that type in the JSON of
        the secret, and the function fails. `port` may be a number.
    """,
    source=_STRUCTURE,
    example=database_example(
        "mysql-single-user",
        " engine: { literal: mysql }",
        " host: { literal: db.example.com }",
        "-username: { literal: 4711 }",
        "+port: { literal: 3306 }",
        '+username: { literal: "4711" }',
        " password: { from: variable }",
    ),
)
def _text_required(context: Context) -> Findings:
    for secret, application, _ in applications(context):
        for name, field in secret.spec.value.fields.items():
            is_typed = field.literal is not None and not isinstance(field.literal, str)
            if name in _TEXT_FIELDS and is_typed:
                yield secret.finding(
                    ("value", "fields", name, "literal"),
                    f"{application} reads {name!r} as text",
                    "Put it in quotes.",
                )


@rule(
    "SG437",
    WARNING,
    "Generated password that the database does not know",
    why="""
        A rotation function first logs in with the current password. The database does not know a
        newly generated one, so every rotation fails, unless the database is created with the value
        of this secret. For an existing database, pass its current password once, as a variable.
    """,
    source="https://docs.aws.amazon.com/secretsmanager/latest/userguide/troubleshoot_rotation.html",
    example=database_example(
        "mysql-single-user",
        " engine: { literal: mysql }",
        " host: { literal: db.example.com }",
        " username: { literal: app }",
        "-password: { from: generated }",
        "+password: { from: variable }",
    ),
    ignorable=True,
)
def _unknown_seed(context: Context) -> Findings:
    for secret, rotation in rotations(context):
        fields = secret.spec.value.fields if secret.knows("value") else {}
        password = fields.get(PASSWORD_FIELD)
        of_database = rotation.application or any(name in fields for name in _OF_A_DATABASE)
        if password and password.from_ == "generated" and of_database:
            yield secret.finding(
                ("value", "fields", PASSWORD_FIELD, "from"),
                "the database does not know this password, so each rotation fails to log in",
                "Pass the password that the database has: `from: variable`. If the database is "
                "created with this password, add an `ignore` entry.",
            )
