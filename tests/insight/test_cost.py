"""What an environment costs."""

import json
import re
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from secretgen.errors import UsageError
from secretgen.insight.cost import cost_formats
from secretgen.insight.cost.estimate import Section, compare, estimate
from secretgen.insight.cost.prices import default_prices, with_changes
from secretgen.render.files import render_environment
from secretgen.render.templates import environment as jinja
from secretgen.spec.load import load_spec
from secretgen.usecases.inspection import price_table
from tests.insight.environments import environment, with_secret

PRICES = default_prices()
SPEC = Path(__file__).parents[1] / "reference" / "production.yaml"
PRODUCTION = load_spec(SPEC.read_bytes(), SPEC.name).environment
DATABASE = "prod/database/master-password"


def lines(env, prices=PRICES):
    found = estimate(env, prices).lines
    return {line.item: (line.quantity, str(line.low), str(line.high)) for line in found}


def test_the_reference_environment_costs_what_its_readme_says():
    cost = estimate(PRODUCTION, PRICES)
    found = lines(PRODUCTION)
    assert cost_formats.span(cost.total(Section.SECRETS)) == "7.00 to 17.00"
    assert found["Secrets"] == (4, "1.60", "1.60")
    assert found["Replicas of secrets"] == (1, "0.40", "0.40")
    assert found["KMS keys"] == (5, "5.00", "5.00")
    assert found["Rotations of these keys"] == (10, "0", "10.00")


def count(bodies, resource):
    return len(re.findall(rf'^resource "{resource}"', "\n".join(bodies.values()), re.MULTILINE))


@pytest.mark.parametrize(
    "monitoring",
    [
        {"notify": {"email": ["a@example.com"]}, "rotation_failures": "true"},
        {"notify": {"email": ["a@example.com"]}, "kms_anomalies": "true"},
        {
            "notify": {"sns_topic_arn": "arn:aws:sns:us-east-1:123456789012:alarms"},
            "unauthorized_access": "true",
            "kms_anomalies": "true",
            "cloudtrail_log_group": "org-trail",
        },
        {
            "notify": {"email": ["a@example.com"]},
            "unauthorized_access": "true",
            "kms_anomalies": "true",
            "cloudtrail": "true",
        },
        {"unauthorized_access": "true", "cloudtrail_log_group": "org-trail"},
    ],
)
def test_alarm_cost_matches_rendered_alarms(monitoring):
    env = environment(monitoring=monitoring)
    folder = f"environments/{env.name}/"
    rendered = render_environment(env, jinja())
    bodies = {path: body for path, body in rendered.items() if path.count("/") == 2}
    assert f"{folder}monitoring.tf" in bodies
    found = lines(env)
    assert found.get("KMS keys of topic and trail", (0,))[0] == count(bodies, "aws_kms_key")
    filters = count(bodies, "aws_cloudwatch_log_metric_filter")
    assert found.get("Metrics of log filters", (0,))[0] == filters
    alarms = count(bodies, "aws_cloudwatch_metric_alarm")
    bands = sum(body.count("ANOMALY_DETECTION_BAND") for body in bodies.values())
    assert found.get("Metrics that alarms watch", (0,))[0] == alarms + 2 * bands
    state_keys = count({k: v for k, v in rendered.items() if "/bootstrap/" in k}, "aws_kms_key")
    assert found["KMS key of the state"][0] == state_keys == 1


def test_no_monitoring_costs_nothing():
    assert Section.ALARMS not in estimate(environment(), PRICES).sections


ARN = "arn:aws:kms:us-east-1:123456789012:key/1a2b3c4d-5e6f-4a7b-8c9d-0e1f2a3b4c5d"


def test_external_keys_are_not_counted():
    cost = estimate(with_secret(DATABASE, kms_key=ARN, replicas=[]), PRICES)
    found = {line.item: line.quantity for line in cost.lines}
    assert found["KMS keys"] == 4  # three dedicated ones and the shared one that nobody uses now
    assert "Keys managed elsewhere are not included: 1." in cost.notes


def test_every_price_has_a_date_and_a_source():
    for price in PRICES.prices.values():
        date.fromisoformat(price.date if len(price.date) == 10 else f"{price.date}-01")
        assert price.source.startswith("https://aws.amazon.com/")
        assert price.amount > 0


@given(st.integers(0, 4), st.integers(0, 3), st.integers(0, 5))
def test_totals_add_up_exactly(replicas, keys, secrets):
    regions = ["us-west-2", "eu-west-1", "eu-central-1", "ap-south-1"][:replicas]
    some = {f"s{i}": {"replicas": regions} for i in range(secrets + 1)}
    shared = {f"k{i}": {} for i in range(keys)}
    cost = estimate(environment(secrets=some, keys=shared), PRICES)
    assert sum(line.low for line in cost.lines) == cost.total().low
    assert sum(cost.total(s).high for s in Section) == cost.total().high
    copies = (secrets + 1) * (replicas + 1)
    assert cost.total(Section.SECRETS).low == copies * Decimal("1.40") + keys
    assert all(line.low <= line.high for line in cost.lines)


def test_a_change_shows_what_it_adds():
    comparison = compare(environment(), with_secret("prod/new", replicas=["eu-west-1"]), PRICES)
    assert {c.item: cost_formats.signed(c.difference) for c in comparison.changes} == {
        "Secrets": "+0.40",
        "Replicas of secrets": "+0.40",
        "KMS keys": "+2.00",
        "Rotations of these keys": "0.00 to +4.00",
        "API calls": "0.00 to +0.10",
    }
    assert cost_formats.signed(comparison.difference) == "+2.80 to +6.90"
    back = compare(comparison_of := with_secret("prod/new"), environment(), PRICES)
    assert back.difference.low == Decimal("-1.40")
    assert compare(comparison_of, comparison_of, PRICES).changes == ()


def test_a_new_kind_of_line_appears_and_disappears():
    monitoring = {"notify": {"email": ["a@example.com"]}}
    added = compare(environment(), environment(monitoring=monitoring), PRICES)
    assert (added.changes[0].item, added.changes[0].before) == ("KMS keys of topic and trail", None)
    text = cost_formats.comparison_text(added)
    assert "KMS keys of topic and trail               0 -> 1" in text


def test_users_change_prices_and_assumptions():
    text = '{"currency": "EUR", "prices": {"secret": {"amount": "0.37", "date": "2027-01"}}, "assumptions": {"calls_per_secret": 0}}'  # fmt: skip # noqa: E501
    prices = with_changes(PRICES, text, "ours.json")
    assert prices.prices["secret"].amount == Decimal("0.37")
    assert prices.prices["secret"].source == "ours.json"
    assert prices.prices["key"] == PRICES.prices["key"]
    env = environment()
    assert lines(env, prices)["Secrets"] == (4, "1.48", "1.48")
    assert "API calls" not in lines(env, prices)
    assert "EUR A MONTH" in cost_formats.estimate_text(estimate(env, prices))
    assert with_changes(PRICES, "{}", "x").prices == PRICES.prices


def test_powershell_writes_json_as_utf_16(tmp_path):
    (tmp_path / "prices.json").write_text('{"currency": "EUR"}', encoding="utf-16")
    assert price_table(tmp_path / "prices.json").currency == "EUR"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        '{"price": {}}',
        '{"prices": []}',
        '{"prices": {"sekret": {}}}',
        '{"prices": {"secret": 1}}',
        '{"prices": {"secret": {"amount": "cheap"}}}',
        '{"prices": {"secret": {"amount": "-1"}}}',
        '{"prices": {"secret": {"amount": "NaN"}}}',
        '{"prices": {"secret": {"amount": null}}}',
        '{"prices": {"secret": {"amount": ["1"]}}}',
        '{"prices": {"secret": {"amount": "1e999999"}}}',
        '{"prices": {"secret": {"amount": 1e400}}}',
        '{"assumptions": {"calls_per_secret": "1.5"}}',
        "[" * 100_000,
    ],
)
def test_invalid_prices_are_refused(text):
    with pytest.raises(UsageError, match=r"ours\.json"):
        with_changes(PRICES, text, "ours.json")


@pytest.mark.parametrize(
    ("amount", "text"),
    [("0", "0.00"), ("0.005", "0.01"), ("0.004", "0.00"), ("1234.5", "1,234.50"), ("17", "17.00")],
)
def test_money_has_cents(amount, text):
    assert cost_formats.money(Decimal(amount)) == text


def test_text_and_json_say_the_same():
    watched = environment(monitoring={"notify": {"email": ["a@example.com"]}})
    cost = estimate(watched, PRICES)
    data = json.loads(cost_formats.estimate_json(cost))
    text = cost_formats.estimate_text(cost)
    assert data["total"] == {"low": "8.00", "high": "23.25"}
    assert re.search(r"^Total .* 8\.00 to 23\.25$", text, re.MULTILINE)
    for line in data["lines"]:
        assert re.search(rf"^  {line['item']} .*{line['high']}", text, re.MULTILINE)
    both = json.loads(cost_formats.comparison_json(compare(watched, environment(), PRICES)))
    assert both["before"] == data
    assert both["difference"] == {"low": "-1.00", "high": "-3.00"}


def test_the_estimate_says_where_other_prices_apply():
    aws = {"account_id": "123456789012", "region": "cn-north-1", "partition": "aws-cn"}
    notes = estimate(environment(aws=aws), PRICES).notes
    assert "Prices differ between Regions: check those of cn-north-1." in notes
