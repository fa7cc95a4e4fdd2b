"""How parts talk: every message is kept, encrypted, retried, and missed by somebody if lost."""

import importlib
import pkgutil

import pytest

import shared
from infra.functions import QUEUES
from infra.stacks.messaging import SOURCE, UNDELIVERED
from shared.kernel.events import REGISTRY
from shared.platform import bus
from tests.infra.templates import Synthesised, text

pytestmark = pytest.mark.infra

QUEUE = "AWS::SQS::Queue"
RULE = "AWS::Events::Rule"
EVENTS = {
    "funding": {"payments.deposit_settled.v1", "investing.broker_account_opened.v1"},
    "planning": {"payments.deposit_funded.v1", "investing.orders_completed.v1"},
    "rebalances": {"investing.plan_created.v1", "investing.orders_completed.v1"},
    "fees": {"investing.orders_completed.v1"},
    "risk-monitor": {"investing.orders_completed.v1"},
    "money-monitoring": {
        "payments.deposit_settled.v1",
        "payouts.payout_released.v1",
        "payouts.payout_returned.v1",
        "withdrawals.payout_account_added.v1",
        "withdrawals.withdrawal_requested.v1",
    },
    "payment-signals": {"treasury.suspense_match_agreed.v1"},
    "treasury": {"ledger.entry_posted.v1", "treasury.movement_agreed.v1"},
    "reconciliation": {"reconciliation.report_asked.v1"},
    "raises": {
        "payouts.payout_requested.v1",
        "payouts.payout_released.v1",
        "investing.plan_created.v1",
        "investing.orders_completed.v1",
    },
    "recalls": {"payouts.payout_requested.v1", "payouts.payout_stopped.v1"},
    "payouts": {
        "payouts.payout_requested.v1",
        "payouts.cash_recalled.v1",
        "payments.surplus_received.v1",
    },
    "disputes": {
        "payments.deposit_funded.v1",
        "payouts.payout_released.v1",
        "payouts.payout_paid.v1",
        "investing.order_filled.v1",
        "disputes.collection_asked.v1",
        "disputes.concession_asked.v1",
        "reconciliation.dispute_differs.v1",
    },
    "execution": {"investing.plan_created.v1", "investing.order_cancel_requested.v1"},
    "broker-accounts": {"kyc.identity_approved.v1"},
    "identity": {"users.profile_completed.v1"},
    "notices": {
        "users.user_registered.v1",
        "users.signed_in_from_new_device.v1",
        "users.credentials_changed.v1",
        "kyc.identity_approved.v1",
        "kyc.identity_rejected.v1",
        "payments.deposit_settled.v1",
        "payments.deposit_failed.v1",
        "investing.broker_account_opened.v1",
        "investing.broker_account_refused.v1",
        "investing.plan_created.v1",
        "investing.order_rejected.v1",
        "investing.orders_completed.v1",
        "recurring.schedule_created.v1",
        "recurring.schedule_changed.v1",
        "recurring.occurrence_skipped.v1",
        "roundups.round_ups_started.v1",
        "roundups.round_ups_changed.v1",
        "roundups.transfer_returned.v1",
        "disputes.dispute_opened.v1",
        "disputes.dispute_won.v1",
        "disputes.dispute_lost.v1",
        "disputes.receivable_paid.v1",
        "payouts.payout_paid.v1",
        "payouts.payout_failed.v1",
        "payouts.payout_returned.v1",
        "payouts.withdrawal_requoted.v1",
        "payouts.consent_asked.v1",
        "payouts.consent_lapsed.v1",
        "investing.limit_breached.v1",
        "management_fees.fee_charged.v1",
        "withdrawals.payout_account_added.v1",
        "withdrawals.payout_account_removed.v1",
        "withdrawals.withdrawal_requested.v1",
        "withdrawals.withdrawal_rejected.v1",
    },
}


def queue(stage: Synthesised, name: str) -> dict:
    (found,) = [
        each
        for each in stage.of_type(QUEUE).values()
        if each["QueueName"] == f"baobab-{stage.name}-{name}"
    ]
    return found


def rule(stage: Synthesised, name: str) -> dict:
    (found,) = [
        each
        for each in stage.of_type(RULE).values()
        if each["Name"] == f"baobab-{stage.name}-{name}"
    ]
    return found


def alarm_names(stage: Synthesised) -> set[str]:
    return {each["AlarmName"] for each in stage.of_type("AWS::CloudWatch::Alarm").values()}


def test_each_queue_has_a_dead_letter_queue_and_nothing_else_exists(prod: Synthesised) -> None:
    names = {each["QueueName"] for each in prod.of_type(QUEUE).values()}
    expected = {f"baobab-prod-{name}" for name in QUEUES}
    expected |= {f"{name}-dlq" for name in expected}
    assert names == expected | {f"baobab-prod-{UNDELIVERED}-dlq"}


@pytest.mark.parametrize("name", QUEUES)
def test_a_message_is_tried_five_times_and_then_kept(prod: Synthesised, name: str) -> None:
    found = queue(prod, name)
    assert found["RedrivePolicy"]["maxReceiveCount"] == 5
    assert f"{name.replace('-', '')}dlq" in text(found["RedrivePolicy"]["deadLetterTargetArn"])
    dead = queue(prod, f"{name}-dlq")
    assert dead["MessageRetentionPeriod"] == 14 * 24 * 3600
    assert f":baobab-prod-{name}" in text(dead["RedriveAllowPolicy"]["sourceQueueArns"])


@pytest.mark.parametrize("name", QUEUES)
def test_a_message_stays_invisible_for_six_runs_of_its_function(
    prod: Synthesised, name: str
) -> None:
    assert queue(prod, name)["VisibilityTimeout"] == 6 * QUEUES[name].timeout


def test_messages_are_encrypted_with_our_own_key(prod: Synthesised) -> None:
    for found in prod.of_type(QUEUE).values():
        assert "MessagesKey" in text(found["KmsMasterKeyId"]), found["QueueName"]


def test_queues_of_a_stage_on_aws_refuse_plain_http(prod: Synthesised) -> None:
    refusing = {
        text(target)
        for policy in prod.of_type("AWS::SQS::QueuePolicy").values()
        for target in policy["Queues"]
        for statement in policy["PolicyDocument"]["Statement"]
        if statement.get("Condition") == {"Bool": {"aws:SecureTransport": "false"}}
        and statement["Effect"] == "Deny"
    }
    assert len(refusing) == len(prod.of_type(QUEUE))


@pytest.mark.parametrize("name", QUEUES)
def test_old_or_many_or_dead_messages_ring(prod: Synthesised, name: str) -> None:
    wanted = {f"baobab-prod-{name}-{end}" for end in ("age", "depth", "dlq-depth")}
    assert wanted <= alarm_names(prod)


def test_one_dead_letter_is_enough_to_ring(prod: Synthesised) -> None:
    dead = [
        each
        for each in prod.of_type("AWS::CloudWatch::Alarm").values()
        if each["AlarmName"].endswith("-dlq-depth")
    ]
    assert len(dead) == len(QUEUES) + 1
    for each in dead:
        assert each["MetricName"] == "ApproximateNumberOfMessagesVisible"
        assert (each["Threshold"], each["EvaluationPeriods"]) == (0, 1)
        assert each["ComparisonOperator"] == "GreaterThanThreshold"


@pytest.mark.parametrize("name", EVENTS)
def test_a_rule_brings_exactly_these_events_to_the_queue(prod: Synthesised, name: str) -> None:
    found = rule(prod, f"{name}-events")
    assert found["EventPattern"]["source"] == [SOURCE] == [bus.SOURCE]
    assert set(found["EventPattern"]["detail-type"]) == EVENTS[name]
    assert "Bus" in text(found["EventBusName"])
    (target,) = found["Targets"]
    assert target["Id"] == name


def test_no_other_rule_listens_to_our_bus(prod: Synthesised) -> None:
    listening = {each["Name"] for each in prod.of_type(RULE).values() if each.get("EventBusName")}
    ours = {name for name in listening if name.endswith("-events")}
    assert ours == {f"baobab-prod-{name}-events" for name in EVENTS}


def test_every_event_that_a_rule_waits_for_is_defined() -> None:
    for context in pkgutil.iter_modules(shared.__path__, "shared."):
        if any(
            module.name == "events"
            for module in pkgutil.iter_modules(importlib.import_module(context.name).__path__)
        ):
            importlib.import_module(f"{context.name}.events")
    assert set().union(*EVENTS.values()) - REGISTRY.keys() == set()


def test_scan_results_of_both_scanners_reach_identity_for_our_bucket_only(
    prod: Synthesised,
) -> None:
    found = rule(prod, "identity-aws-events")
    assert "EventBusName" not in found
    assert found["EventPattern"]["source"] == ["aws.guardduty", "baobab.scan"]
    assert found["EventPattern"]["detail-type"] == [
        "GuardDuty Malware Protection Object Scan Result"
    ]
    assert "Quarantine" in text(found["EventPattern"]["detail"]["s3ObjectDetails"]["bucketName"])


def test_new_objects_of_our_bucket_reach_the_scanner(local: Synthesised) -> None:
    pattern = rule(local, "uploads-aws-events")["EventPattern"]
    assert pattern["source"] == ["aws.s3"]
    assert pattern["detail-type"] == ["Object Created"]
    assert "Quarantine" in text(pattern["detail"]["bucket"]["name"])


def test_what_a_rule_cannot_deliver_is_kept_and_retried_for_a_day(prod: Synthesised) -> None:
    rules = [each for each in prod.of_type(RULE, "messaging").values() if each.get("Targets")]
    own = [each for each in rules if each["Name"].startswith("baobab-")]
    assert len(own) == len(EVENTS) + 3
    for each in own:
        (target,) = each["Targets"]
        assert "undelivered" in text(target["DeadLetterConfig"]["Arn"])
        assert target["RetryPolicy"] == {
            "MaximumEventAgeInSeconds": 86400,
            "MaximumRetryAttempts": 185,
        }


def test_rules_of_this_account_alone_may_write_to_queues(prod: Synthesised) -> None:
    allowing = [
        statement
        for policy in prod.of_type("AWS::SQS::QueuePolicy").values()
        for statement in policy["PolicyDocument"]["Statement"]
        if statement["Effect"] == "Allow"
    ]
    assert len(allowing) == len({*EVENTS, "uploads", "identity"}) + 1
    for statement in allowing:
        assert statement["Action"] == "sqs:SendMessage"
        assert statement["Principal"] == {"Service": "events.amazonaws.com"}
        source = text(statement["Condition"]["ArnLike"]["aws:SourceArn"])
        assert ":111122223333:rule/*baobab-prod-*" in source


def test_the_key_of_messages_is_open_to_rules_of_this_account(prod: Synthesised) -> None:
    (key,) = prod.of_type("AWS::KMS::Key", "messaging").values()
    (statement,) = [
        each for each in key["KeyPolicy"]["Statement"] if "Service" in each["Principal"]
    ]
    assert statement["Principal"] == {"Service": "events.amazonaws.com"}
    assert set(statement["Action"]) == {"kms:Decrypt", "kms:GenerateDataKey"}
    assert statement["Condition"] == {"StringEquals": {"aws:SourceAccount": "111122223333"}}


def test_events_are_archived_for_replay(prod: Synthesised) -> None:
    archive = prod.one("AWS::Events::Archive")
    assert archive["RetentionDays"] == 90
    assert archive["EventPattern"]["source"] == [SOURCE]
