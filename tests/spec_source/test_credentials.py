"""A literal secret never passes; what is none, does.

Tokens are put together here, so that no scanner takes this file for a leak.
"""

from pathlib import Path

import pytest

from secretgen.cli import run
from secretgen.spec.credential_tokens import MASK, is_secret_name, mask_tokens
from secretgen.spec.credentials import find_credentials, find_in_text
from secretgen.spec.source import load

REFERENCE = Path(__file__).parents[1] / "reference/production.yaml"
HEX = "0123456789abcdef"
LETTERS = "abcdefghijklmnopqrstuvwxyz"
DASHES = "-" * 5

TOKENS = {
    "AWS access key": "AKIA" + "IOSFODNN7EXAMPLE",
    "AWS temporary key": "ASIA" + "IOSFODNN7EXAMPLE",
    "AWS secret key": "wJalrXUtnFEMI/K7MDENG/" + "bPxRfiCYEXAMPLEKEY",
    "AWS session token": "IQoJb3JpZ2luX2Vj" + LETTERS * 3,
    "private key": f"{DASHES}BEGIN PRIVATE KEY{DASHES} MIIEvQ {DASHES}END PRIVATE KEY{DASHES}",
    "RSA key": f"{DASHES}BEGIN RSA PRIVATE KEY{DASHES}",
    "OpenSSH key": f"{DASHES}BEGIN OPENSSH PRIVATE KEY{DASHES}",
    "PGP key": f"{DASHES}BEGIN PGP PRIVATE KEY BLOCK{DASHES}",
    "encrypted key": f"{DASHES}BEGIN ENCRYPTED PRIVATE KEY{DASHES}",
    "key in Base64": "LS0tLS1CRUdJTi" + "BSU0EgUFJJVkFURSBLRVktLS0tLQ==",
    "GitHub": "ghp_" + LETTERS + HEX[:10],
    "GitHub OAuth": "gho_" + LETTERS + HEX[:10],
    "GitHub user": "ghu_" + LETTERS + HEX[:10],
    "GitHub server": "ghs_" + LETTERS + HEX[:10],
    "GitHub refresh": "ghr_" + LETTERS + HEX[:10],
    "GitHub fine-grained": "github_pat_" + "11ABCDEFG0" + LETTERS + "_" + LETTERS,
    "Slack bot": "xoxb-" + "123456789012-1234567890123-" + LETTERS[:24],
    "Slack user": "xoxp-" + "123456789012-" + LETTERS[:24],
    "Slack app": "xapp-" + "1-A0123456789-1234567890-" + HEX,
    "Slack webhook": "https://hooks.slack.com/services/" + "T00000000/B00000000/" + LETTERS[:24],
    "Datadog API key": HEX * 2,
    "Datadog application key": "ddapp_" + LETTERS + HEX[:8],
    "JWT": "eyJhbGciOiJIUzI1NiJ9." + "eyJzdWIiOiIxMjM0In0." + LETTERS,
    "GitLab": "glpat-" + LETTERS[:20],
    "Stripe": "sk_live_" + LETTERS[:24],
    "Google": "AIza" + LETTERS + HEX[:9],
    "npm": "npm_" + LETTERS + HEX[:10],
    "PyPI": "pypi-" + "AgEIcHlwaS5vcmc" + LETTERS * 2,
    "Twilio": "SK" + HEX * 2,
    "SendGrid": "SG." + LETTERS[:22] + "." + LETTERS + LETTERS[:17],
    "Vault": "hvs." + LETTERS,
    "Terraform Cloud": LETTERS[:14] + ".atlasv1." + LETTERS * 3,
    "age": "AGE-SECRET-KEY-1" + LETTERS.upper() * 2 + "QPZRY9",
    "address": "postgres://admin:" + "hunter2@db.internal:5432/app",
    "address without user": "redis://:" + "hunter2@cache",
    "assignment": "PGPASSWORD=" + "hunter2x",
    "JSON": '{"password": "' + 'hunter2x"}',
    "JSON with a word": '{"password": "' + 'changeme"}',
    "connection string": "Server=db;Password=" + "changeme;Encrypt=true",
    "Azure": "abc8Q~" + LETTERS + LETTERS[:6],
    "Azure access key": "SharedAccessKey=" + LETTERS + HEX + "+/=",
    "Azure signature": "https://x.blob.core.windows.net/c?sv=2024&sig=" + LETTERS + HEX + "%3D",
    "Databricks": "dapi" + HEX * 2,
    "DigitalOcean": "dop_v1_" + HEX * 4,
    "Shopify": "shpat_" + HEX * 2,
    "Square": "sq0atp-" + LETTERS[:22],
    "Square production": "EAAA" + LETTERS * 2 + HEX[:8],
    "Hugging Face": "hf_" + LETTERS + LETTERS[:8],
    "Mailgun": "key-" + HEX * 2,
    "Mailgun now": HEX * 2 + "-" + HEX[:8] + "-" + HEX[:8],
    "Telegram": "123456789:AA" + LETTERS + HEX[:7],
    "Discord": "MTIz" + LETTERS[:20] + ".GabcdE." + LETTERS + HEX[:6],
    "Discord webhook": "https://discord.com/api/webhooks/1234/" + LETTERS * 2 + HEX,
    "Grafana": "glsa_" + LETTERS + HEX[:6] + "_" + HEX[:8],
    "Grafana Cloud": "glc_" + LETTERS + HEX,
    "New Relic": "NRAK-" + LETTERS.upper() + "1",
    "New Relic license": HEX * 2 + HEX[:4] + "NRAL",
    "Doppler": "dp.st.prd." + LETTERS + HEX[:14],
    "Okta": "00" + "aB3" + LETTERS + HEX[:11],
    "Basic": "Authorization: Basic " + "YWRtaW46aHVudGVyMg==",
    "Bearer": "Authorization: Bearer " + LETTERS,
    "htpasswd": "admin:$apr1$" + "abcdefgh$" + LETTERS[:22],
    "htpasswd SHA": "admin:{SHA}" + LETTERS + "A=",
    "bcrypt": "$2y$10$" + LETTERS * 2 + "A",
    "crypt": "$6$" + "saltsalt$" + LETTERS * 3 + HEX[:8],
    "query of an address": "jdbc:postgresql://db/app?user=app&password=" + "changeme",
}

HARMLESS = [
    "arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab",
    f"arn:aws:kms:us-east-1:123456789012:key/mrk-{HEX * 2}",
    "arn:aws:lambda:us-east-1:123456789012:function:rotate-postgres",
    "arn:aws:lambda:us-east-1:123456789012:function:RotatePostgresMasterPasswordProduction01",
    "arn:aws:iam::123456789012:role/secrets-reader",
    "AROA" + "IOSFODNN7EXAMPLE1",
    "production/secrets/terraform.tfstate",
    "Production/Secrets/Terraform/StateOfTheE",
    "subnet-0123456789abcdef0",
    "1234abcd-12ab-34cd-56ef-1234567890ab",
    HEX * 2 + HEX[:8],
    "0" * 32,
    f"trace {HEX * 2}",
    "prod/OAuth2Consumer4Web/KeyOfGateways1X2",
    "sk-" + "some-long-name-of-a-secret-in-production",
    "RDS master credentials: rotated every 30 days, see https://wiki.example.com/a?b=c@d",
    "postgres://${USER}:${PASSWORD}@db.internal/app",
    "https://example.com:8443/path@2",
    "set password=<yours> there",
    "rotate with password=... in the tool; password=changed by hand; run `mysql --password=SECRET`",
    "https://user:pass@example.com and https://user:password@example.com are examples",
    f"{DASHES}BEGIN CERTIFICATE{DASHES}",
    f"{DASHES}BEGIN PUBLIC KEY{DASHES}",
    "The Datadog API key of the monitoring account (ddapp_ prefix)",
    "cron(0 3 ? * SUN *)",
    "!@#$%^&*()_+-=[]{}|;':,./<>?",
    "security@example.com",
    "日本語の説明 — naïve café",
]


def findings(source):
    root, found = load(source.encode(), "f")
    assert root is not None, found
    in_nodes = find_credentials(root)
    return [*in_nodes, *find_in_text(source, "f", in_nodes)]


def written(source):
    places = [(d.rule, d.span.line, d.span.column) for d in findings(source)]
    return [f"{rule} {line}:{column}" for rule, line, column in sorted(places)]


def quoted(text):
    return "'" + text.replace("'", "''") + "'"


@pytest.mark.parametrize("token", TOKENS.values(), ids=TOKENS)
def test_tokens_are_found_anywhere(token):
    text = quoted(token)
    assert written(f"a: {text}") == ["SG301 1:4"]
    assert written(f"a: [b, {text}]") == ["SG301 1:8"]
    assert written(f"a: {{b: {quoted(f'see {token} there')}}}") == ["SG301 1:8"]
    assert written(f"{text}: {{}}") == ["SG301 1:1"]
    assert written(f"a: |\n  one\n  {token}\n  two\n") == ["SG301 1:4"]
    for finding in findings(f"a: {text}"):
        assert token not in finding.summary + finding.detail


@pytest.mark.parametrize(
    "value",
    [
        "{SECRET: 1}",
        "{SECRET: SECRET}",
        "{SECRET: {x: 1}}",
        "\n      SECRET:\n        x: SECRET\n",
        "{from: SECRET}",
        "{from: generated, length: SECRET}",
        "{from: generated, exclude_punctuation: SECRET}",
        "{from: external, version: SECRET}",
        "{from: json, fields: {x: {SECRET: 1}}}",
        "{from: json, fields: {x: {from: generated, length: SECRET}}}",
        "[SECRET]",
    ],
)
@pytest.mark.parametrize("output_format", ["text", "json", "github", "sarif"])
def test_text_under_value_is_never_printed(output_format, value, tmp_path, capsys):
    secret = "hunter2SuperSecret"
    text = REFERENCE.read_text() + f"  prod/x:\n    value: {value.replace('SECRET', secret)}\n"
    (tmp_path / "specs").mkdir()
    (tmp_path / "specs/x.yaml").write_text(text)
    assert run(["validate", "--root", str(tmp_path), "--format", output_format]) == 1
    told = capsys.readouterr()
    assert "SG303" in told.out
    assert secret not in told.out + told.err


NEEDS_CONTEXT = {"Datadog API key", "AWS secret key"}


@pytest.mark.parametrize("name", TOKENS)
def test_tokens_are_found_in_comments(name):
    token = TOKENS[name]
    context = "Datadog " if name in NEEDS_CONTEXT else ""
    source = f"a: 1\nb: 2  # {context}{token}\n"
    found = findings(source)
    assert [d.rule for d in found] == ["SG301"]
    start = found[0].span
    assert start.line == start.end_line == 2
    assert source.splitlines()[1][start.column - 1 : start.end_column - 1] in token


@pytest.mark.parametrize("name", [name for name in TOKENS if name not in NEEDS_CONTEXT])
def test_tokens_are_found_in_invalid_yaml(name):
    assert [d.rule for d in find_in_text(f"[{TOKENS[name]}", "f", [])] == ["SG301"]


@pytest.mark.parametrize("digits", [HEX * 2, HEX * 2 + HEX[:8]])
def test_digits_in_comments_are_digests_unless_named_key(digits):
    assert findings(f"a: 1  # image {digits}\n# commit {digits}\n") == []
    assert written(f"a: 1  # DD_API_KEY={digits}\n") == ["SG301 1:20"]


@pytest.mark.parametrize("token", TOKENS.values(), ids=TOKENS)
def test_tokens_are_masked_in_messages(token):
    masked = mask_tokens(f"before {token} after {token}")
    assert masked.startswith("before ")
    assert MASK in masked
    assert token not in masked


def test_a_token_of_two_kinds_is_masked_once():
    assert mask_tokens(f"a PGPASSWORD={TOKENS['GitHub']} b") == f"a PGPASSWORD={MASK} b"


@pytest.mark.parametrize("text", HARMLESS)
def test_harmless_text_passes(text):
    assert written(f"a: {quoted(text)}\nb: |\n  {text}\n") == []
    assert mask_tokens(text) == text


@pytest.mark.parametrize(
    ("source", "is_one"),
    [
        (f"GitCommit: {HEX * 2}{HEX[:8]}", False),
        (f"Md5: {HEX * 2}", False),
        (f"BuildId: {HEX * 2}", False),
        (f"client_id: {{literal: {HEX * 2}}}", False),
        (f"image_digest: {HEX * 2}", False),
        (f"Build: {HEX * 2}", True),
        (f"prod/datadog-api-key: {{GitCommit: {HEX * 2}}}", True),
        (f"prod/datadog: [{HEX * 2}{HEX[:8]}]", True),
        (f"a: DD_APP_KEY is {HEX * 2}{HEX[:8]}", True),
        (f"a: apiKey {HEX * 2}{HEX[:8]}", True),
        (f"a: md5 {HEX * 2}", False),
        (f"a: path/{HEX * 2}", False),
    ],
)
def test_hexadecimal_keys_are_distinguished_from_digests(source, is_one):
    assert [d.rule for d in findings(source)] == ["SG301"] * is_one


def test_the_reference_spec_passes():
    assert findings(REFERENCE.read_text()) == []


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("password: hunter2", ["SG302 1:11"]),
        ("db_password: hunter2", ["SG302 1:14"]),
        ("clientSecret: x", ["SG302 1:15"]),
        ("API-KEY: x", ["SG302 1:10"]),
        ("secret_string: '{}'", ["SG302 1:16"]),
        ("secret_value: x", ["SG302 1:15"]),
        ("private_key: |\n  x\n", ["SG302 1:14"]),
        ("token: &t x\na: *t\n", ["SG302 1:11"]),
        ("a: &t x\ntoken: *t\n", ["SG302 1:7"]),
        ("passwords: [x, y]", ["SG302 1:13", "SG302 1:16"]),
        ("password: {literal: x}", ["SG302 1:21"]),
        ("password: {value: x}", ["SG302 1:19"]),
        ("a: {b: [{password2: x}]}", ["SG302 1:21"]),
        ("secrets: {prod/db/password: hunter2}", ["SG302 1:29"]),
        ("secrets: {prod/api-key: {value: hunter2}}", ["SG303 1:33"]),
        ("secrets: {prod/api-key: {value: [hunter2]}}", ["SG303 1:34"]),
        ("secrets: {prod/api-key: {value: generated}}", []),
        ("secrets: {tags: {value: hunter2}}", ["SG303 1:25"]),
        ("password: ''", []),
        ("password:", []),
        ("password: ~", []),
        ("has_password: true", []),
        ("password: {from: generated}", []),
        ('"password":\n  "exclude_characters": "/"', []),
        ('"password":\n  "hunter22"', ["SG302 2:3"]),
        ("password: {from: variable}", []),
        ("secrets: {prod/token: {description: x, group: y}}", []),
        ("username: admin\nhost: h\nport: 1\nengine: postgres\ndbname: d\n", []),
        ("kms_key: database\nkms_key_id: alias/x\nkey: a/b\nkeys: {database: {}}\n", []),
        ("required_tags: [Password, Token]", []),
        ("tags: {Token: see-wiki, Password: Rotated by hand}", []),
        ("tags: {password: hunter2}", ["SG302 1:18"]),
        ("fields: {password: generated, token: variable}", []),
        ("fields: {password: {literal: generated}}", ["SG302 1:30"]),
    ],
)
def test_text_under_the_name_of_a_secret(source, expected):
    assert written(source) == expected
    assert all("rotate it: anyone with access" in found.detail for found in findings(source))


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("value: hunter2", ["SG303 3:12"]),
        ("value: |\n      hunter2", ["SG303 3:12"]),
        ("value: [a, {b: c}]", ["SG303 3:13", "SG303 3:20"]),
        ("value: {string: hunter2}", ["SG303 3:21"]),
        ("value: {literal: hunter2}", ["SG303 3:22"]),
        ("value: {password: hunter2}", ["SG302 3:23"]),
        ("value: {from: json, fields: {x: hunter2}}", ["SG303 3:37"]),
        ("value: {from: json, fields: {password: hunter2}}", ["SG302 3:44"]),
        ("value: {from: json, fields: {password: {literal: hunter2}}}", ["SG302 3:54"]),
        ("value: {from: json, fields: {host: {literal: db}, user: {literal: u}}}", []),
        ("value: {from: json, fields: {value: {from: variable}, x: {literal: y}}}", []),
        ("value: {from: generated, length: 20, exclude_characters: '\"@/'}", []),
        ("value: {form: external}", []),
        ("value: {from: generated, lenght: 20, exclude_charcters: x}", []),
        ("value: {from: json, feilds: {host: {litral: db}}}", []),
        ("value: {from: external, version: 2}", []),
        ("value:", []),
        ("value: external", []),
        ("value: generated", []),
        ("value: generatedd", ["SG303 3:12"]),
        ("value: {from: json, fields: {password: generated, host: variable}}", []),
        ("tags: {value: x}", []),
    ],
)
def test_text_under_value(body, expected):
    source = f"secrets:\n  prod/x:\n    {body}\n"
    assert written(source) == expected
    assert all("rotate it: anyone with access" in found.detail for found in findings(source))
    moved = [f"{e.split()[0]} 2:{int(e.split(':')[1]) - 2}" for e in expected]
    if "\n" not in body:
        assert written(f"defaults:\n  {body}\n") == moved


def test_text_instead_of_a_secret():
    assert written("secrets: {prod/x: hunter2}") == ["SG303 1:19"]


def test_a_secret_named_value_may_have_settings():
    assert written("secrets: {value: {description: x, value: {from: external}}}") == []


def test_each_place_is_reported_once():
    token = TOKENS["GitHub"]
    assert written(f"a: &a {{password: {token}}}\nb: *a\nc: {{<<: *a}}\n") == ["SG302 1:18"]


def test_findings_name_the_path():
    (finding,) = findings("secrets: {p: {value: {from: json, fields: {token: {literal: x}}}}}")
    assert finding.path == ("secrets", "p", "value", "fields", "token", "literal")


@pytest.mark.parametrize("name", ["password", "DB_PASSWORD", "apiKey", "a/b/client-secret", "pwd2"])
def test_names_of_secrets(name):
    assert is_secret_name(name)


@pytest.mark.parametrize(
    "name", ["username", "secretary", "kms_key", "key", "tokenizer", "a/b/host"]
)
def test_names_of_no_secrets(name):
    assert not is_secret_name(name)


@pytest.mark.parametrize(
    "piece",
    [
        *("eyJ", "eyJaaaaa.", "://", "://a:", "SG." + "a" * 16, "password=", "a.atlasv1."),
        *("SharedAccessKey=", "00aB3", "MTIz.", "$2y$10$", "$argon2id$a$", ":AA", "glc_"),
        *("authorization: ", "authorization: basic ", "dp.st.a.", "EAAA", "sig=%", "abc8Q~"),
        *("BEGIN PRIVATE KEY", f"{DASHES}BEGIN PRIVATE KEY{DASHES}\n", f"{HEX * 2} ", "ghp_"),
    ],
)
def test_text_that_nearly_matches_takes_linear_time(piece):
    # Half a megabyte: minutes if any pattern backtracked.
    assert list(mask_tokens(piece * (500_000 // len(piece))))
