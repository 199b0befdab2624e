"""Rules about secrets of databases that one of AWS's own functions rotates."""

from __future__ import annotations

from collections.abc import Iterator

from secretgen.rules.finding import Findings
from secretgen.rules.rotation_rules import rotations
from secretgen.rules.rule import ERROR, rule
from secretgen.rules.rule_context import Context, SecretContext
from secretgen.spec.suggest import closest

_STRUCTURE = "https://docs.aws.amazon.com/secretsmanager/latest/userguide/reference_secret_json_structure.html"
_REQUIRED = ("engine", "host", "username", "password")
_MULTI_USER = "-multi-user"
_CLONE = "_clone"
_ENGINES = {
    "db2": ("db2",),
    "mariadb": ("mariadb",),
    "mongodb": ("mongo",),
    "mysql": ("mysql", "aurora-mysql"),
    "oracle": ("oracle",),
    "postgresql": ("postgres", "aurora-postgresql"),
    "redshift": ("redshift",),
    "sqlserver": ("sqlserver",),
}
_LONGEST_USERNAME = {"db2": 16, "mariadb": 80, "oracle": 30, "postgresql": 63, "sqlserver": 128}


def applications(context: Context) -> Iterator[tuple[SecretContext, str, str]]:
    """Yields the secrets that an application rotates, the application and its database."""
    for secret, rotation in rotations(context):
        if rotation.application and secret.knows("value"):
            database = rotation.application.partition("-")[0]
            yield secret, rotation.application, database


def literal(secret: SecretContext, field: str) -> str | None:
    """Returns a field of a JSON value that is text; None when it is none."""
    found = secret.spec.value.fields.get(field)
    text = found.literal if found and secret.spec.value.from_ == "json" else None
    return text if isinstance(text, str) else None


def database_example(application: str, *fields: str) -> str:
    """Returns the example of a rule: a secret that an application rotates.

    Args:
        application: what rotates it.
        fields: the fields of its JSON value, each with the mark of a diff before it.
    """
    return "\n".join(
        (
            " secrets:",
            "   app/database:",
            "     value:",
            "       from: json",
            "       fields:",
            *(f"{field[0]}        {field[1:]}" for field in fields),
            "     rotation:",
            f"       application: {application}",
            "       vpc: { subnet_ids: [subnet-0a1b2c3d], security_group_ids: [sg-0a1b2c3d] }",
            "       every_days: 30",
        )
    )


@rule(
    "SG430",
    ERROR,
    "Database secret without a field that its rotation needs",
    why="""
        AWS's functions read `engine`, `host`, `username` and `password` from the secret, and for
        Oracle `dbname`. A rotation with two users also needs `masterarn`, the ARN of the
        superuser's secret. Without one of these fields the first rotation fails.
    """,
    source=_STRUCTURE,
    example=database_example(
        "mariadb-single-user",
        "+engine: { literal: mariadb }",
        "+host: { literal: db.example.com }",
        " username: { literal: app }",
        " password: { from: variable }",
    ),
)
def _missing_field(context: Context) -> Findings:
    for secret, application, database in applications(context):
        value = secret.spec.value
        needed = [*_REQUIRED]
        needed += ["dbname"] if database == "oracle" else []
        needed += ["masterarn"] if application.endswith(_MULTI_USER) else []
        missing = [name for name in needed if name not in value.fields]
        if value.from_ == "json" and value.fields and missing:
            names = ", ".join(map(repr, missing))
            spare = [name for name in value.fields if name not in needed]
            meant = next(filter(None, (context.guess(name, spare) for name in missing)), "")
            rename = f"Rename {meant!r}, or add" if meant else "Add"
            yield secret.finding(
                ("value", "fields"),
                f"{application} needs {names}",
                f"{rename} {'it' if len(missing) == 1 else 'them'} to the fields of the value.",
                at_key=True,
            )


@rule(
    "SG431",
    ERROR,
    "Engine not supported by the rotation function",
    why="""
        AWS's functions accept only these values of `engine`: `postgres`, `aurora-postgresql`,
        `mysql`, `aurora-mysql`, `mariadb`, `oracle`, `sqlserver`, `mongo`, `redshift`, `db2`.
    """,
    source=_STRUCTURE,
    example=database_example(
        "postgresql-single-user",
        "-engine: { literal: postgresql }",
        "+engine: { literal: postgres }",
        " host: { literal: db.example.com }",
        " username: { literal: app }",
        " password: { from: variable }",
    ),
)
def _engine(context: Context) -> Findings:
    for secret, application, database in applications(context):
        engine, engines = literal(secret, "engine"), _ENGINES[database]
        if engine is not None and engine not in engines:
            guess = engines[0] if len(engines) == 1 else closest(engine, engines)
            known = " or ".join(map(repr, engines))
            yield secret.finding(
                ("value", "fields", "engine", "literal"),
                f"{application} does not know this engine",
                f"Write {known}.",
                suggestion=guess,
            )


@rule(
    "SG432",
    ERROR,
    "User name too long for rotation with two users",
    why="""
        Rotation with two users creates a second user with `_clone` appended to the name. The
        database limits the length: PostgreSQL to 63 characters, MariaDB to 80, SQL Server to 128,
        Oracle to 30, Db2 to 16.
    """,
    source=_STRUCTURE,
    example=database_example(
        "oracle-multi-user",
        " engine: { literal: oracle }",
        " host: { literal: db.example.com }",
        " dbname: { literal: orders }",
        "-username: { literal: application_of_the_orders }",
        "+username: { literal: orders }",
        " password: { from: variable }",
        " masterarn: { from: variable }",
    ),
)
def _username(context: Context) -> Findings:
    for secret, application, database in applications(context):
        clone, longest = f"{literal(secret, 'username')}{_CLONE}", _LONGEST_USERNAME.get(database)
        if application.endswith(_MULTI_USER) and longest and len(clone) > longest:
            yield secret.finding(
                ("value", "fields", "username", "literal"),
                f"user name is too long: with {_CLONE!r} it has {len(clone)} characters, and "
                f"{database} allows {longest}",
                f"Choose a name of at most {longest - len(_CLONE)} characters.",
            )


@rule(
    "SG433",
    ERROR,
    "Database secret that is not JSON",
    why="""
        AWS's functions read a JSON object with `engine`, `host`, `username` and `password`. A
        `generated` value is only a password, so the first rotation fails.
    """,
    source=_STRUCTURE,
    example="""
         secrets:
           app/database:
        -    value: { from: generated }
        +    value: { from: external }
             rotation:
               application: mysql-single-user
               vpc: { subnet_ids: [subnet-0a1b2c3d], security_group_ids: [sg-0a1b2c3d] }
               every_days: 30
    """,
)
def _no_json(context: Context) -> Findings:
    for secret, application, _ in applications(context):
        if secret.spec.value.from_ == "generated":
            yield secret.finding(
                ("value", "from"),
                f"{application} needs a JSON value, not a password alone",
                "Write 'from: json' with its fields, or 'from: external'.",
            )
