"""What stands around the platform on AWS, and is never deployed on one machine."""

from collections.abc import Callable

import pytest

from infra.stacks.edge import ORIGIN_FIELD, ORIGIN_HEADER, VIEWER_HEADER
from infra.stacks.monitoring import NEEDS_A_PERSON, grouped
from infra.stages import ROOT
from shared.platform import observability, origin
from shared.platform.secrets import MemorySecrets
from tests.infra.templates import Synthesised, text

pytestmark = pytest.mark.infra

CODE = ("functions", "graphql", "shared")
DISTRIBUTION = "AWS::CloudFront::Distribution"


def test_stages_have_the_stacks_they_should(
    prod: Synthesised, dev: Synthesised, local: Synthesised
) -> None:
    core = {"identity", "data", "messaging", "api", "workers"}
    assert prod.templates.keys() == core | {"edge", "monitoring", "backup"}
    assert dev.templates.keys() == core | {"monitoring", "backup"}
    assert local.templates.keys() == core


def test_the_edge_speaks_tls_1_3_and_nothing_older(prod: Synthesised) -> None:
    edge = prod.one(DISTRIBUTION)["DistributionConfig"]
    assert edge["ViewerCertificate"]["MinimumProtocolVersion"] == "TLSv1.3_2025"
    assert edge["DefaultCacheBehavior"]["ViewerProtocolPolicy"] == "https-only"
    (origin,) = edge["Origins"]
    assert origin["CustomOriginConfig"]["OriginProtocolPolicy"] == "https-only"


def test_a_firewall_stands_before_the_api(prod: Synthesised) -> None:
    edge = prod.one(DISTRIBUTION)["DistributionConfig"]
    (acl_id,) = prod.of_type("AWS::WAFv2::WebACL")
    assert edge["WebACLId"] == {"Fn::GetAtt": [acl_id, "Arn"]}
    assert prod.one("AWS::WAFv2::WebACL")["Scope"] == "CLOUDFRONT"


def test_the_firewall_has_managed_rules_and_limits_per_address(prod: Synthesised) -> None:
    rules = {each["Name"]: each for each in prod.one("AWS::WAFv2::WebACL")["Rules"]}
    assert set(rules) == {
        "AWSManagedRulesAmazonIpReputationList",
        "AWSManagedRulesCommonRuleSet",
        "AWSManagedRulesKnownBadInputsRuleSet",
        "rate-session",
        "rate-everyone",
    }
    limits = {
        name: rules[name]["Statement"]["RateBasedStatement"]["Limit"]
        for name in ("rate-session", "rate-everyone")
    }
    assert limits == {"rate-session": 100, "rate-everyone": 2000}
    assert all(rules[name]["Action"] == {"Block": {}} for name in limits)


def test_no_rule_may_hold_back_news_of_a_payment(prod: Synthesised) -> None:
    rules = {each["Name"]: each["Statement"] for each in prod.one("AWS::WAFv2::WebACL")["Rules"]}
    common = rules["AWSManagedRulesCommonRuleSet"]["ManagedRuleGroupStatement"]
    everyone = rules["rate-everyone"]["RateBasedStatement"]
    for statement in (common, everyone):
        spared = statement["ScopeDownStatement"]["NotStatement"]["Statement"]
        assert spared["ByteMatchStatement"]["SearchString"] == "/webhooks/"
        assert spared["ByteMatchStatement"]["PositionalConstraint"] == "STARTS_WITH"


def test_the_firewalls_log_hides_credentials(prod: Synthesised) -> None:
    hidden = text(prod.one("AWS::WAFv2::LoggingConfiguration")["RedactedFields"])
    for field in ("authorization", "cookie", "UriPath"):
        assert field in hidden


def test_the_edge_shows_the_origin_a_secret_that_no_template_holds(prod: Synthesised) -> None:
    (origin,) = prod.one(DISTRIBUTION)["DistributionConfig"]["Origins"]
    (header,) = origin["OriginCustomHeaders"]
    assert header["HeaderName"] == "x-origin-verify"
    assert header["HeaderValue"] == (
        "{{resolve:secretsmanager:baobab-prod-origin:SecretString:value::}}"
    )


def test_only_functions_behind_an_edge_ask_for_its_secret(
    prod: Synthesised, dev: Synthesised, local: Synthesised
) -> None:
    (made,) = prod.of_type("AWS::SecretsManager::Secret", "api")
    generated = prod.one("AWS::SecretsManager::Secret", "api")["GenerateSecretString"]
    assert (generated["GenerateStringKey"], generated["PasswordLength"]) == ("value", 48)
    for name in ("graphql_api", "receive_webhook"):
        given = prod.function(name)["Environment"]["Variables"]["ORIGIN_SECRET"]
        assert given == {"Ref": made}
        for stage in (dev, local):
            assert "ORIGIN_SECRET" not in stage.function(name)["Environment"]["Variables"]


def test_functions_and_edge_agree_on_the_header() -> None:
    assert (origin.HEADER, origin.VIEWER) == (ORIGIN_HEADER, VIEWER_HEADER)
    assert origin.Origin(MemorySecrets({"o": {ORIGIN_FIELD: "s"}}), "o").admits("s")


def test_the_edge_says_who_called_over_what_a_client_says(prod: Synthesised) -> None:
    (made, function) = next(iter(prod.of_type("AWS::CloudFront::Function").items()))
    assert f'request.headers["{VIEWER_HEADER}"] = {{ value: event.viewer.ip }};' in text(
        function["FunctionCode"]
    ).replace('\\"', '"')
    behaviour = prod.one(DISTRIBUTION)["DistributionConfig"]["DefaultCacheBehavior"]
    assert behaviour["FunctionAssociations"] == [
        {"EventType": "viewer-request", "FunctionARN": {"Fn::GetAtt": [made, "FunctionARN"]}}
    ]


def test_answers_carry_security_headers(prod: Synthesised) -> None:
    policy = prod.one("AWS::CloudFront::ResponseHeadersPolicy")["ResponseHeadersPolicyConfig"]
    headers = policy["SecurityHeadersConfig"]
    assert headers["StrictTransportSecurity"]["AccessControlMaxAgeSec"] == 365 * 24 * 3600
    assert headers["FrameOptions"]["FrameOption"] == "DENY"
    assert headers["ContentTypeOptions"] == {"Override": True}
    assert "default-src 'none'" in headers["ContentSecurityPolicy"]["ContentSecurityPolicy"]


def test_every_alarm_belongs_to_one_composite_that_tells_somebody(prod: Synthesised) -> None:
    alarms = {each["AlarmName"] for each in prod.of_type("AWS::CloudWatch::Alarm").values()}
    composites = prod.of_type("AWS::CloudWatch::CompositeAlarm").values()
    assert {each["AlarmName"] for each in composites} == {
        f"baobab-prod-any-{kind}"
        for kind in ("api", "dead-letters", "functions", "people", "queues")
    }
    rules = [text(each["AlarmRule"]) for each in composites]
    for name in alarms:
        assert sum(f':alarm:{name}\\"' in rule for rule in rules) == 1, name
    assert sum(rule.count(":alarm:") for rule in rules) == len(alarms)
    for each in composites:
        assert "Alarms" in text(each["AlarmActions"])


@pytest.mark.parametrize(("name", "counted"), NEEDS_A_PERSON.items())
def test_what_waits_for_a_person_rings_at_once(prod: Synthesised, name: str, counted: str) -> None:
    (found,) = [
        each
        for each in prod.of_type("AWS::CloudWatch::Alarm").values()
        if each["AlarmName"] == f"baobab-prod-{name}-wanted"
    ]
    (query,) = found["Metrics"]
    assert query["Expression"] == f'SELECT SUM({counted}) FROM "{observability.NAMESPACE}"'
    assert (query["Period"], query.get("ReturnData", True)) == (300, True)
    assert (found["Threshold"], found["EvaluationPeriods"]) == (0, 1)
    code = [path.read_text() for folder in CODE for path in (ROOT / folder).rglob("*.py")]
    assert any(f'metric("{counted}"' in text for text in code), "nobody counts it"


def test_wrong_signatures_ring_when_they_go_on(prod: Synthesised) -> None:
    (found,) = [
        each
        for each in prod.of_type("AWS::CloudWatch::Alarm").values()
        if each["AlarmName"] == "baobab-prod-webhook-signature-wanted"
    ]
    (query,) = found["Metrics"]
    assert query["Expression"] == (
        "SELECT SUM(WebhookRefused) FROM \"Baobab\" WHERE code = 'BAD_SIGNATURE'"
    )
    assert (found["Threshold"], found["EvaluationPeriods"]) == (20, 3)


def test_an_alarm_without_a_group_does_not_synthesise() -> None:
    with pytest.raises(ValueError, match="forgotten belongs to no group"):
        grouped(["forgotten"])


def test_the_age_of_the_outbox_is_a_functions_trouble_not_a_queues() -> None:
    groups = grouped(["publish-outbox-iterator-age", "funding-age", "funding-dlq-depth"])
    assert groups["functions"] == ["publish-outbox-iterator-age"]
    assert groups["queues"] == ["funding-age"]
    assert groups["dead-letters"] == ["funding-dlq-depth"]


def test_alarms_reach_the_person_on_duty_encrypted(prod: Synthesised) -> None:
    assert "TopicKey" in text(prod.one("AWS::SNS::Topic")["KmsMasterKeyId"])
    subscription = prod.one("AWS::SNS::Subscription")
    assert subscription["Protocol"] == "email"
    assert subscription["Endpoint"] == "on-call@baobab.example"


def test_tables_are_copied_daily_and_monthly_where_nobody_deletes(prod: Synthesised) -> None:
    rules = {
        each["RuleName"]: each["Lifecycle"]["DeleteAfterDays"]
        for each in prod.one("AWS::Backup::BackupPlan")["BackupPlan"]["BackupPlanRule"]
    }
    assert rules == {"daily": 35, "monthly": 7 * 365}
    assert prod.one("AWS::Backup::BackupVault")["LockConfiguration"] == {"MinRetentionDays": 30}
    copied = text(prod.one("AWS::Backup::BackupSelection")["BackupSelection"]["Resources"])
    assert all(name in copied for name in ("Core", "Journal", "Audit"))


def test_a_stage_in_the_edges_own_region_needs_no_copy_of_the_secret(
    synthesise: Callable[..., Synthesised],
) -> None:
    prod = synthesise("prod", region="us-east-1")
    assert "ReplicaRegions" not in prod.one("AWS::SecretsManager::Secret", "api")
