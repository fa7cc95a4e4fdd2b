"""What a person on duty sees and is woken by: composite alarms, a topic, one dashboard."""

from collections.abc import Sequence

from aws_cdk import Duration, Environment, Stack
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sns_subscriptions as subscriptions
from constructs import Construct

from infra.alarms import alarm, names_below
from infra.functions import FUNCTIONS, QUEUES
from infra.stages import Stage
from shared.kernel.webhook_errors import BadSignature

GROUPS: dict[str, tuple[str, ...]] = {
    "dead-letters": ("-dlq-depth",),
    "queues": ("-age", "-depth"),
    "functions": ("-errors", "-throttles", "-iterator-age"),
    "api": ("-5xx", "-latency"),
    "people": ("-wanted",),
}
"""Composite alarms by the endings of those they hold; the longest that fits takes an alarm."""
NAMESPACE = "Baobab"
NEEDS_A_PERSON = {
    "deposit-review": "DepositNeedsReview",
    "funding-review": "FundingNeedsReview",
    "deposit-rate": "PaidWithoutRate",
    "payout-review": "PayoutNeedsReview",
    "payout-rate": "PayoutWaitsForRate",
    "dispute-review": "DisputeNeedsReview",
    "identity-review": "IdentityNeedsReview",
    "broker-account-review": "BrokerAccountNeedsReview",
    "journal-review": "SeveralJournalsOfOneDeposit",
    "recall-review": "SeveralJournalsOfOnePayout",
    "treasury-limit": "TreasuryLimitReached",
    "breaker-open": "BreakerOpened",
    "house-balance": "HouseBalanceDiffers",
    "reconciliation-missing": "ReconciliationReportMissing",
    "reconciliation-broken": "ReconciliationReportBroken",
    "reconciliation-unknown": "ReconciliationUnknownOld",
    "reconciliation-statement": "ReconciliationStatementOff",
    "reconciliation-break": "ReconciliationBreakOld",
    "broker-account-break": "BrokerAccountDiffers",
    "broker-account-unread": "BrokerAccountUnread",
    "broker-account-failed": "BrokerAccountFailed",
    "broker-firm-break": "BrokerFirmDiffers",
    "broker-report-missing": "BrokerReportMissing",
    "corporate-action-failed": "CorporateActionFailed",
    "corporate-action-late": "CorporateActionWaits",
    "corporate-action-withdrawn": "CorporateActionTakenBack",
    "money-alert": "MoneyAlert",
    "bank-statement": "BankStatementRefused",
    "settlement-report": "SettlementReportRefused",
    "webhook-form": "WebhookNotUnderstood",
    "sweep-route": "SweptWithoutRoute",
    "mend": "UnexpectedError",
    "session-theft": "SessionReplayed",
}
"""Our own metrics, by the alarm that each rings at once: nothing goes on until somebody looks.

Unexpected errors of the API are among them because GraphQL answers them with status 200.
"""
_CODE = BadSignature.code
FORGED = 20
"""Deliveries of a wrong signature within five minutes. Anybody can send some; so many for a quarter
of an hour are more likely a vendor whose secret is not the one that we have."""
FIVE_MINUTES = Duration.minutes(5)


def grouped(names: Sequence[str]) -> dict[str, list[str]]:
    """Every alarm in exactly one group.

    Raises:
        ValueError: an alarm would wake nobody.
    """
    groups: dict[str, list[str]] = {group: [] for group in GROUPS}
    endings = {end: group for group, ends in GROUPS.items() for end in ends}
    for name in names:
        fitting = [end for end in endings if name.endswith(end)]
        if not fitting:
            raise ValueError(f"alarm {name} belongs to no group")
        groups[endings[max(fitting, key=len)]].append(name)
    return groups


class MonitoringStack(Stack):
    """One message per kind of trouble instead of one per alarm."""

    def __init__(
        self, scope: Construct, stage: Stage, env: Environment, watched: Sequence[Stack]
    ) -> None:
        super().__init__(scope, stage.stack_name("monitoring"), env=env)
        self._stage = stage
        topic = self._topic()
        self._people()
        for group, names in grouped(names_below([*watched, self])).items():
            rule = cloudwatch.AlarmRule.any_of(
                *[
                    cloudwatch.AlarmRule.from_alarm(
                        cloudwatch.Alarm.from_alarm_name(self, name, stage.physical_name(name)),
                        cloudwatch.AlarmState.ALARM,
                    )
                    for name in names
                ]
            )
            composite = cloudwatch.CompositeAlarm(
                self,
                f"Composite-{group}",
                composite_alarm_name=stage.physical_name(f"any-{group}"),
                alarm_rule=rule,
            )
            composite.add_alarm_action(actions.SnsAction(topic))
            composite.add_ok_action(actions.SnsAction(topic))
        self._dashboard()

    def _people(self) -> None:
        for name, counted in NEEDS_A_PERSON.items():
            # Whatever its dimensions are: a query sees them all, a plain metric only one set.
            total = cloudwatch.MathExpression(
                expression=f'SELECT SUM({counted}) FROM "{NAMESPACE}"',  # noqa: S608 - our own words
                using_metrics={},
                period=FIVE_MINUTES,
            )
            alarm(self, self._stage, f"{name}-wanted", total, above=0, periods=1)
        forged = cloudwatch.MathExpression(
            expression=f"SELECT SUM(WebhookRefused) FROM \"{NAMESPACE}\" WHERE code = '{_CODE}'",  # noqa: S608 - our own words
            using_metrics={},
            period=FIVE_MINUTES,
        )
        alarm(self, self._stage, "webhook-signature-wanted", forged, above=FORGED, periods=3)

    def _topic(self) -> sns.Topic:
        key = kms.Key(
            self, "TopicKey", enable_key_rotation=True, removal_policy=self._stage.removal
        )
        service = iam.ServicePrincipal(
            "cloudwatch.amazonaws.com",
            conditions={"StringEquals": {"aws:SourceAccount": self.account}},
        )
        key.add_to_resource_policy(
            iam.PolicyStatement(
                principals=[service],
                actions=["kms:GenerateDataKey*", "kms:Decrypt"],
                resources=["*"],
            )
        )
        topic = sns.Topic(
            self,
            "Alarms",
            topic_name=self._stage.physical_name("alarms"),
            master_key=key,
            enforce_ssl=True,
        )
        topic.add_to_resource_policy(
            iam.PolicyStatement(
                principals=[service], actions=["sns:Publish"], resources=[topic.topic_arn]
            )
        )
        if self._stage.alarm_email:
            topic.add_subscription(subscriptions.EmailSubscription(self._stage.alarm_email))
        return topic

    def _dashboard(self) -> None:
        cloudwatch.Dashboard(
            self,
            "Dashboard",
            dashboard_name=self._stage.physical_name("overview"),
            default_interval=Duration.hours(3),
            widgets=[
                [
                    self._functions("Errors", "Errors", "Sum"),
                    self._functions("Duration p99 (ms)", "Duration", "p99"),
                    self._functions("Runs", "Invocations", "Sum"),
                ],
                [
                    self._queues("Oldest message (s)", "ApproximateAgeOfOldestMessage", ""),
                    self._queues("Waiting", "ApproximateNumberOfMessagesVisible", ""),
                    self._queues("Dead letters", "ApproximateNumberOfMessagesVisible", "-dlq"),
                ],
                [self._search("Failed messages by error", "MessageFailed")],
            ],
        )

    def _functions(self, title: str, metric: str, statistic: str) -> cloudwatch.GraphWidget:
        return _graph(
            title,
            [
                cloudwatch.Metric(
                    namespace="AWS/Lambda",
                    metric_name=metric,
                    statistic=statistic,
                    period=FIVE_MINUTES,
                    label=function.name,
                    dimensions_map={"FunctionName": self._stage.physical_name(function.name)},
                )
                for function in FUNCTIONS
            ],
        )

    def _queues(self, title: str, metric: str, ending: str) -> cloudwatch.GraphWidget:
        return _graph(
            title,
            [
                cloudwatch.Metric(
                    namespace="AWS/SQS",
                    metric_name=metric,
                    statistic="Maximum",
                    period=FIVE_MINUTES,
                    label=name,
                    dimensions_map={"QueueName": self._stage.physical_name(f"{name}{ending}")},
                )
                for name in QUEUES
            ],
        )

    def _search(self, title: str, metric: str) -> cloudwatch.GraphWidget:
        wanted = f'{{{NAMESPACE},error,service}} MetricName="{metric}"'
        return _graph(
            title,
            [
                cloudwatch.MathExpression(
                    expression=f"SEARCH('{wanted}', 'Sum')", using_metrics={}, label=""
                )
            ],
        )


def _graph(title: str, metrics: Sequence[cloudwatch.IMetric]) -> cloudwatch.GraphWidget:
    return cloudwatch.GraphWidget(title=title, left=list(metrics), width=8, height=6)
