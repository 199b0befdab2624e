"""The kinds of credentials that are known by their form.

The forms are those that the services document, and that secret scanners look for: a fixed
prefix and enough random characters behind it. Two have no prefix and are distinguished from digests
and names by what stands around them. Every pattern takes linear time: what may repeat is
possessive, or followed by nothing that could fail.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from itertools import groupby

from msgspec import Struct


def _always(_token: str, _rest: str, _names: Sequence[str]) -> bool:
    return True


class Kind(Struct, frozen=True):
    """A kind of credential.

    Args:
        what: what it is.
        clues: one of these occurs in every such token; none means that any text may hold one.
        form: a regular expression; its group `secret` is the credential, if there is more
            around it.
        plausible: tells from the token, the text around it, and the keys above that whether
            it is one.
        otherwise: what to do if it is none, for kinds that can be mistaken.
        plausible_in_comment: the same where no key above says what it is, if that differs.
    """

    what: str
    clues: tuple[str, ...]
    form: str
    plausible: Callable[[str, str, Sequence[str]], bool] = _always
    otherwise: str = ""
    plausible_in_comment: Callable[[str, str, Sequence[str]], bool] | None = None

    @property
    def pattern(self) -> re.Pattern[str]:
        """The form as `re` compiles it, once, when it is first looked for: few are in a run."""
        return re.compile(self.form)

    def may_be_in(self, text: str) -> bool:
        """Returns quickly whether it is worth while to look for this kind."""
        for clue in self.clues:  # `any` would take twice as long
            if clue in text:
                return True
        return not self.clues and self.pattern.search(text) is not None


_ABOUT_API_KEYS = re.compile(
    r"datadog|(?<![a-z])(?:dd|api|app|application)[-_ ]?(?:api|app)?[-_ ]?key(?![a-z])"
)
_ABOUT_DIGESTS = re.compile(
    r"(?<![a-z])(?:md5|sha\d*|digest|hash|checksum|etag|commit|revision|fingerprint|[gu]uid|id"
    r"|image|request|span|tenant|trace|zone)(?![a-z])"
)
_FEWEST_DISTINCT_HEX = 8
_API_KEY_DIGITS = 32
_FEWEST_DISTINCT = 20
_FEWEST_CHANGES = 16
_MOST_SLASHES = 4
_MOST_IN_WORDS = 15
_LIKE_WORDS = re.compile("[a-z]{4,}")


def _words(names: Iterable[str]) -> str:
    """Separates and lowers the words of names: `GIT_COMMIT` and `GitCommit` are `git commit`."""
    return " ".join(re.findall(r"[A-Z]?[a-z0-9]+|[A-Z]+(?![a-z])", " ".join(names))).lower()


def _is_hex_key(token: str, rest: str, names: Sequence[str]) -> bool:
    """Distinguishes a Datadog key from a digest: 32 digits are an API key, 40 an application key.

    A commit has 40 digits too, so those count only where an API key is spoken of.
    """
    if _is_called_key(token, rest, names):
        return True
    about_digest = _ABOUT_DIGESTS.search(f"{_words(names[-1:])} {rest.lower()}")
    is_varied = len(set(token)) >= _FEWEST_DISTINCT_HEX
    return is_varied and len(token) == _API_KEY_DIGITS and not about_digest


def _is_called_key(token: str, rest: str, names: Sequence[str]) -> bool:
    """Returns whether the text around hexadecimal digits says that they are an API key."""
    about = f"{_words(names)} {rest.lower()}"
    speaks_of_keys = ("key" in about or "datadog" in about) and _ABOUT_API_KEYS.search(about)
    return len(set(token)) >= _FEWEST_DISTINCT_HEX and bool(speaks_of_keys)


def _is_random(token: str, _rest: str, _names: Sequence[str]) -> bool:
    """Distinguishes an AWS secret access key from a path or a name of 40 characters.

    Of 1,000 random ones 995 pass: they change between upper case, lower case, digits and signs
    16 times or more, hold 20 different characters or more, a digit, few slashes and few words.
    """
    if token.count("/") > _MOST_SLASHES or not any(map(str.isdigit, token)):
        return False
    if sum(map(len, _LIKE_WORDS.findall(token))) > _MOST_IN_WORDS:
        return False
    changes = sum(1 for _ in groupby(token, _character_class))
    return changes >= _FEWEST_CHANGES and len(set(token)) >= _FEWEST_DISTINCT


def _character_class(character: str) -> int:
    return character.isupper() + 2 * character.islower() + 4 * character.isdigit()


_NO_PLACEHOLDER = r"(?![$<{*%])"
_PLACEHOLDER = re.compile(
    r"(?i)(?:(?:your|my|the|user|db)?[-_]?)(?:pass|password|passwd|pwd|pw|secret|token)|(.)\1*"
)
_WORD = re.compile(r"[a-z._-]+|[A-Z._-]+")
_IN_DATA = re.compile(
    r"(?i)(?:=[^;&\s]*[;&]\s*|[?&])[\w.-]*(?:password|passwd|pwd)= "
    r"|(?:password|passwd|pwd)= [;&]\S|[\"']\s*:\s*[\"'] "
)


def _is_no_placeholder(token: str, _rest: str, _names: Sequence[str]) -> bool:
    return not _PLACEHOLDER.fullmatch(token)


def _is_password(token: str, rest: str, names: Sequence[str]) -> bool:
    """Distinguishes a password from prose about one, in which a word follows: `password=changed`.

    In a connection string or in JSON a word is a password, too.
    """
    if not _is_no_placeholder(token, rest, names):
        return False
    return not _WORD.fullmatch(token) or _IN_DATA.search(rest) is not None


KINDS: tuple[Kind, ...] = (
    Kind(
        "AWS access key ID",
        ("AKIA", "ASIA", "ABIA", "ACCA"),
        r"(?<![A-Z0-9])(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}(?![A-Z0-9])",
    ),
    Kind(
        "AWS session token",
        ("IQoJb3JpZ2luX2Vj", "FwoGZXIvYXdz", "FQoGZXIvYXdz"),
        r"(?:IQoJb3JpZ2luX2Vj|F[Qw]oGZXIvYXdz)[A-Za-z0-9/+=]{40,}",
    ),
    Kind(
        "private key",
        ("PRIVATE KEY", "PuTTY-User-Key-File", "LS0tLS1CRUdJTi"),
        # The second form is Base64 of `-----BEGIN` with anything but a certificate behind it.
        (
            r"-{4,5} ?BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY[^\r\n]*+"
            r"(?>(?:\s++(?:#\s*+)?[A-Za-z0-9+/=]{16,}+(?=\s|$))*)"
            r"|PuTTY-User-Key-File[^\r\n]*+|LS0tLS1CRUdJTi(?!BD)[A-Za-z0-9+/=]*+"
        ),
    ),
    Kind(
        "GitHub token",
        ("ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_"),
        r"(?:gh[pousr]|github_pat)_[A-Za-z0-9_]{20,}",
    ),
    Kind(
        "Slack token",
        ("xox", "xapp-"),
        r"(?:xox[a-z](?:\.xox[a-z])?|xapp-\d)-[A-Za-z0-9-]{10,}",
    ),
    Kind(
        "Slack webhook",
        ("hooks.slack",),
        r"hooks\.slack(?:-gov)?\.com/[a-z]+/[A-Za-z0-9/_+-]{20,}",
    ),
    Kind("Datadog key", ("ddapp_", "ddapi_"), r"dda(?:pp|pi)_[A-Za-z0-9]{30,}"),
    Kind(
        "API key of hexadecimal digits, like Datadog's",
        (),
        r"(?<![\w/-])(?:[0-9a-f]{32}|[0-9a-f]{40})(?![\w/-])",
        _is_hex_key,
        "If it is an id or a digest, say so in its key or before it: `BuildId`, `md5`.",
        _is_called_key,
    ),
    Kind(
        "AWS secret access key",
        (),
        r"(?<![A-Za-z0-9/+=])[A-Za-z0-9/+]{40}(?![A-Za-z0-9/+=])",
        _is_random,
        "If this is a false positive, split it: 40 mixed characters in a row are taken for a key.",
    ),
    Kind(
        "JSON web token",
        ("eyJ",),
        r"(?<![A-Za-z0-9_-])eyJ[A-Za-z0-9_-]{5,}+(?:\.[A-Za-z0-9_-]*+){2,4}",
    ),
    Kind(
        "GitLab token",
        ("glpat-", "gldt-", "glrt-", "glptt-", "glcbt-", "glft-", "glsoat-", "glagent-"),
        r"gl(?:pat|dt|rt|ptt|cbt|ft|soat|agent)-[A-Za-z0-9_.-]{16,}",
    ),
    Kind(
        "Stripe key",
        ("k_live_", "k_test_", "whsec_"),
        r"(?:[sr]k_(?:live|test)|whsec)_[A-Za-z0-9]{10,}",
    ),
    Kind(
        "Google key",
        ("AIza", "GOCSPX-", "ya29."),
        r"AIza[A-Za-z0-9_-]{30,}|GOCSPX-[A-Za-z0-9_-]{20,}|ya29\.[A-Za-z0-9_-]{20,}",
    ),
    Kind(
        "package registry token",
        ("npm_", "pypi-", "rubygems_", "dckr_pat_"),
        (
            r"npm_[A-Za-z0-9]{30,}|pypi-AgE[A-Za-z0-9_-]{30,}"
            r"|rubygems_[0-9a-f]{40,}|dckr_pat_[A-Za-z0-9_-]{20,}"
        ),
    ),
    Kind("Twilio key", ("SK",), r"(?<![A-Za-z0-9])SK[0-9a-f]{32}(?![A-Za-z0-9])"),
    Kind("SendGrid key", ("SG.",), r"SG\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{20,}"),
    Kind(
        "HashiCorp token",
        ("hvs.", "hvb.", "hvr.", ".atlasv1."),
        (
            r"hv[sbr]\.[A-Za-z0-9_-]{20,}"
            r"|(?<![A-Za-z0-9])[A-Za-z0-9]{10,}+\.atlasv1\.[A-Za-z0-9_-]{40,}"
        ),
    ),
    Kind("age secret key", ("AGE-SECRET-KEY-",), r"AGE-SECRET-KEY-[A-Z0-9-]{40,}"),
    Kind(
        "key of an AI service",
        ("sk-",),
        r"(?<![A-Za-z0-9])sk-(?:(?:ant|proj|svcacct)-[\w-]{20,}|[A-Za-z0-9]{32,})",
    ),
    Kind("Azure storage key", ("AccountKey=",), r"(?<=AccountKey=)[A-Za-z0-9+/]{40,}=*"),
    Kind(
        "password in an address",
        ("://",),
        rf"(?<=://)[^\s/:@?#]*:{_NO_PLACEHOLDER}(?P<secret>[^\s/@?#]+)(?=@)",
        _is_no_placeholder,
        "In an example write `<password>` instead.",
    ),
    Kind(
        "password",
        ("=", '"'),
        (
            rf"(?i)(?:password|passwd|pwd)(?:=|[\"']\s*:\s*[\"']){_NO_PLACEHOLDER}"
            r"(?P<secret>[^\s;,&\"'`]{6,}+)"
            r"(?![\"']\s*:)"  # else it is the first key of the settings below
        ),
        _is_password,
        "In an example write `<password>` instead.",
    ),
)
