"""Kinds of credentials of cloud and other services, and of HTTP and password files.

Forms as the services document them, or as https://github.com/gitleaks/gitleaks knows them.
"""

from __future__ import annotations

from collections.abc import Sequence

from secretgen.spec.token_kinds import Kind


def _is_mixed(token: str, _rest: str, _names: Sequence[str]) -> bool:
    """Distinguishes random characters from a name or a number."""
    kinds = (str.isupper, str.islower, str.isdigit)
    return all(any(map(kind, token)) for kind in kinds)


SERVICE_KINDS: tuple[Kind, ...] = (
    Kind(
        "Azure client secret",
        ("Q~",),
        r"(?<![\w.~-])[\w.~-]{3}\dQ~[\w.~-]{31,34}(?![\w.~-])",
    ),
    Kind(
        "Azure access key",
        ("SharedAccessKey=", "sig="),
        (
            r"(?<=SharedAccessKey=)[A-Za-z0-9+/]{40,}=*"
            r"|(?<=[?&]sig=)[A-Za-z0-9%+/_-]{40,}=*"
        ),
    ),
    Kind(
        "Databricks token",
        ("dapi", "dose"),
        r"(?<![A-Za-z0-9])(?:dapi|dose)[0-9a-f]{32}(?:-\d)?(?![A-Za-z0-9])",
    ),
    Kind(
        "DigitalOcean token",
        ("doo_v1_", "dop_v1_", "dor_v1_"),
        r"do[opr]_v1_[0-9a-f]{40,}",
    ),
    Kind(
        "Shopify token",
        ("shpat_", "shpca_", "shppa_", "shpss_", "shptka_", "shpua_"),
        r"shp(?:at|ca|pa|ss|tka|ua)_[0-9a-fA-F]{32}",
    ),
    Kind(
        "Square token",
        ("EAAA", "sq0"),
        r"(?<![\w-])EAAA[\w-]{60}(?![\w-])|sq0(?:atp|csp|idp)-[\w-]{22,43}",
    ),
    Kind(
        "Hugging Face token",
        ("hf_", "api_org_"),
        r"(?<![A-Za-z0-9])(?:hf_|api_org_)[A-Za-z0-9]{34,}",
    ),
    Kind(
        "Mailgun key",
        ("key-", "-"),
        (
            r"(?<![\w/-])(?:pub)?key-[0-9a-f]{32}(?![\w-])"
            r"|(?<![\w-])[0-9a-f]{32}-[0-9a-f]{8}-[0-9a-f]{8}(?![\w-])"
        ),
    ),
    Kind(
        "Telegram token",
        (":AA",),
        r"(?<![\w:])\d{8,10}:AA[\w-]{33}(?![\w-])",
    ),
    Kind(
        "Discord token",
        (".", "discord"),
        (
            r"(?<![\w.-])[MNO][\w-]{22,27}\.[\w-]{6,7}\.[\w-]{27,}"
            r"|(?<![\w.-])mfa\.[\w-]{80,}"
            r"|discord(?:app)?\.com/api/(?:v\d+/)?webhooks/\d+/[\w-]{60,}"
        ),
    ),
    Kind(
        "Grafana token",
        ("glsa_", "glc_", "eyJrIjoi"),
        (
            r"glsa_[A-Za-z0-9]{32}_[0-9a-fA-F]{8}|glc_[A-Za-z0-9+/]{32,}=*"
            r"|(?<![A-Za-z0-9_-])eyJrIjoi[A-Za-z0-9+/_-]{40,}=*"
        ),
    ),
    Kind(
        "New Relic key",
        ("NRAA-", "NRAK-", "NRAL", "NRII-", "NRJS-"),
        r"NR(?:AA|AK|II|JS)-[A-Za-z0-9-]{19,}|(?<![\w/-])[0-9a-fA-F]{36}NRAL",
    ),
    Kind(
        "Doppler token",
        ("dp.",),
        r"(?<![\w.])dp\.(?:audit|ct|pt|sa|scim|st)\.(?:[a-z0-9_-]+\.)?[A-Za-z0-9]{40,44}",
    ),
    Kind(
        "Okta token",
        ("00",),
        r"(?<![\w/+=-])00[\w-]{40}(?![\w/+=-])",
        _is_mixed,
        "If it is an id, split it: 42 mixed characters that begin with 00 are taken for a token.",
    ),
    Kind(
        "HTTP credentials",
        ("asic ", "ASIC ", "earer ", "EARER ", "SSWS "),
        (
            r"(?i)authorization[\"']?\s*+[:=]\s*+[\"']?(?:basic|bearer|ssws)\s++"
            r"(?P<secret>(?![$<{*%])[A-Za-z0-9+/_.~=-]{6,}+)"
        ),
    ),
    Kind(
        "hash of a password",
        ("$1$", "$2", "$5$", "$6$", "$7$", "$y$", "$apr1$", "$argon2", "{SHA}", "{SSHA}"),
        (
            r"\$2[abxy]?\$\d\d\$[./A-Za-z0-9]{53}"
            r"|\$(?:1|5|6|apr1)\$(?:rounds=\d+\$)?[./A-Za-z0-9]{1,16}\$[./A-Za-z0-9]{22,86}"
            r"|\$(?:7|y)\$[./A-Za-z0-9]{1,16}\$[./A-Za-z0-9]{1,86}\$[./A-Za-z0-9]{40,86}"
            r"|\$argon2(?:id|i|d)\$[\w=,$]{1,60}\$[A-Za-z0-9+/]{8,}\$[A-Za-z0-9+/]{16,}"
            r"|\{S?SHA\}[A-Za-z0-9+/]{27,}=*"
        ),
    ),
)
