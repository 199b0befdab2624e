"""How a run is set: by flags, or by environment variables of the same names."""

import argparse
import os
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

import boto3  # type: ignore[import-untyped]
from botocore.exceptions import BotoCoreError, ClientError  # type: ignore[import-untyped]

from tests.acceptance.year import FILE, TAG, Place, Year, year_at
from tests.harness.account import AwsAccount
from tests.harness.aws import LocalAws
from tests.harness.cloud import Aws

VARIABLE = "SECRETGEN_ACCEPTANCE_"
READERS = "111111111111"
# Long enough that nobody's own names begin with it, short enough for the names of buckets.
PREFIX = re.compile(r"[a-z][a-z0-9-]{6,20}[a-z0-9]")


@dataclass(frozen=True)
class Settings:
    """What was asked for.

    Attributes:
        action: `run` or `teardown`.
        aws: the AWS, seen from the account of the environment.
        place: where the environment lives.
        hours: after how many hours a run ends itself.
        yes: whether nobody is asked.
        trail: whether to wait for CloudTrail.
        report: the file that gets the report in Markdown.
        year: what is lived through.
    """

    action: str
    aws: Aws
    place: Place
    hours: int
    yes: bool
    trail: bool
    report: Path | None
    year: Year


def _prefix(text: str) -> str:
    if not PREFIX.fullmatch(text):
        raise argparse.ArgumentTypeError(
            "8 to 22 of a-z, 0-9 and hyphens, with a letter first and no hyphen last"
        )
    return text


def parser() -> argparse.ArgumentParser:
    """The flags."""
    made = argparse.ArgumentParser(
        prog="make acceptance",
        description="Live through a year with an environment in a real AWS account; delete it all.",
        epilog=f"Each flag has an environment variable, such as {VARIABLE}SECOND_REGION.",
    )
    made.add_argument("action", nargs="?", choices=["run", "teardown"], default="run")
    _flag(made, "--profile", help="profile of the AWS configuration; nothing runs without it")
    _flag(made, "--reader-profile", help="profile of a second account, whose role reads")
    _flag(made, "--prefix", default=TAG, type=_prefix, help="beginning of every name")
    _flag(made, "--region", default="us-east-1", help="primary Region")
    _flag(made, "--second-region", default="us-west-2", help="Region of the replicas")
    _flag(made, "--third-region", default="eu-west-1", help="Region of one more replica")
    _flag(made, "--hours", default=3, type=int, help="the run ends itself after so many hours")
    _flag(made, "--year", type=Path, default=FILE, help="file of the year")
    _flag(made, "--report", type=Path, help="write the report to this file, in Markdown")
    _flag(made, "--endpoint", help="an emulator of AWS in place of the account")
    made.add_argument("--cloudtrail", action="store_true",
                      help="wait up to 15 minutes for CloudTrail")  # fmt: skip
    made.add_argument("--enforced", action="store_true",
                      help="the emulator enforces policies and sends events")  # fmt: skip
    made.add_argument("--yes", action="store_true", help="do not ask")
    return made


def _flag(made: argparse.ArgumentParser, flag: str, **options: object) -> None:
    name = VARIABLE + flag.removeprefix("--").upper().replace("-", "_")
    made.add_argument(flag, **{**options, "default": os.environ.get(name, options.get("default"))})


def settings(words: Sequence[str]) -> Settings:
    """What flags and environment variables ask for.

    Raises:
        SystemExit: they are wrong, or name no account.
    """
    made = parser()
    given = made.parse_args(words)
    regions = (given.region, given.second_region, given.third_region)
    if len({*regions}) < len(regions):
        made.error("the three Regions must differ")
    if not given.year.is_file():
        made.error(f"--year: {given.year} is not a file")
    if given.hours < 1:
        made.error("--hours must be at least 1")
    if not (given.profile or given.endpoint):
        made.error(
            "no account is named, so nothing runs. Name a profile: "
            "make acceptance ARGS='--profile NAME'"
        )
    where = _emulated if given.endpoint else _account
    aws, reader = where(given, made.error)
    place = Place(aws.account, reader, *regions, given.prefix)
    return Settings(
        action=given.action,
        aws=aws,
        place=place,
        hours=given.hours,
        yes=given.yes,
        trail=given.cloudtrail,
        report=given.report,
        year=year_at(place, given.year),
    )


def _emulated(given: argparse.Namespace, error: Callable[[str], NoReturn]) -> tuple[Aws, str]:
    aws = LocalAws(given.endpoint, prefix=given.prefix)
    aws.tags, aws.enforces_policies = {TAG: given.prefix}, given.enforced
    return aws, READERS


def _account(given: argparse.Namespace, error: Callable[[str], NoReturn]) -> tuple[Aws, str]:
    ids, sessions = [], {}
    for profile in filter(None, (given.profile, given.reader_profile)):
        try:
            session = boto3.Session(profile_name=profile)
            caller = session.client("sts", region_name=given.region).get_caller_identity()
        except (BotoCoreError, ClientError) as problem:
            error(f"profile {profile}: {problem}")
        if caller["Arn"].endswith(":root"):
            error(f"profile {profile} is a root user, who can assume no role")
        ids.append(caller["Account"])
        sessions[ids[-1]] = session
    if given.reader_profile and ids[0] == ids[1]:
        error("both profiles are of one account: name another one as the reader's, or none")
    aws = AwsAccount(ids[0], sessions, prefix=given.prefix, tags={TAG: given.prefix})
    return aws, ids[1] if given.reader_profile else ""
