"""Rules of the web application firewall, in the order in which they are asked."""

from typing import Any

from aws_cdk import Aws, Stack
from aws_cdk import aws_logs as logs
from aws_cdk import aws_wafv2 as waf
from constructs import Construct

from infra.stages import Stage

PER_ADDRESS = 2000
"""Requests per address in five minutes, on everything but webhooks."""
PER_ADDRESS_SESSION = 100
"""Requests per address in five minutes to sign up, sign in and so on."""
REDACTED = ("authorization", "cookie", "stripe-signature", "x-sha2-signature")

Part = waf.CfnWebACL


class Firewall(Construct):
    """One access control list; what it blocks is counted and logged without credentials."""

    def __init__(self, scope: Construct, stage: Stage) -> None:
        super().__init__(scope, "Firewall")
        self.acl = waf.CfnWebACL(
            self,
            "Acl",
            scope="CLOUDFRONT",
            default_action=Part.DefaultActionProperty(allow={}),
            visibility_config=_seen("all"),
            rules=[
                _managed(0, "AWSManagedRulesAmazonIpReputationList"),
                # Vendors' deliveries carry their own proof, and a false alarm would lose news
                # of a payment: the rules that read bodies leave them alone.
                _managed(1, "AWSManagedRulesCommonRuleSet", not_webhooks=True),
                _managed(2, "AWSManagedRulesKnownBadInputsRuleSet"),
                _rate(3, "session", PER_ADDRESS_SESSION, _path("/session")),
                _rate(4, "everyone", PER_ADDRESS, _not(_path("/webhooks/"))),
            ],
        )
        stack = Stack.of(self)
        # The firewall logs only into groups whose name starts like this.
        log = logs.LogGroup(
            self,
            "Log",
            log_group_name=f"aws-waf-logs-{stage.physical_name('edge')}",
            retention=stage.retention,
            removal_policy=stage.removal,
        )
        waf.CfnLoggingConfiguration(
            self,
            "Logging",
            resource_arn=self.acl.attr_arn,
            log_destination_configs=[
                f"arn:{Aws.PARTITION}:logs:{stack.region}:{stack.account}"
                f":log-group:{log.log_group_name}"
            ],
            redacted_fields=[
                waf.CfnLoggingConfiguration.FieldToMatchProperty(single_header={"Name": name})
                for name in REDACTED
            ]
            # A webhook's path may hold a capability.
            + [waf.CfnLoggingConfiguration.FieldToMatchProperty(uri_path={})],
        )


def _seen(name: str) -> Part.VisibilityConfigProperty:
    return Part.VisibilityConfigProperty(
        cloud_watch_metrics_enabled=True, metric_name=name, sampled_requests_enabled=False
    )


def _path(start: str) -> Part.StatementProperty:
    return Part.StatementProperty(
        byte_match_statement=Part.ByteMatchStatementProperty(
            field_to_match=Part.FieldToMatchProperty(uri_path={}),
            positional_constraint="STARTS_WITH",
            search_string=start,
            text_transformations=[Part.TextTransformationProperty(priority=0, type="LOWERCASE")],
        )
    )


def _not(statement: Part.StatementProperty) -> Part.StatementProperty:
    return Part.StatementProperty(not_statement=Part.NotStatementProperty(statement=statement))


def _managed(priority: int, name: str, *, not_webhooks: bool = False) -> Part.RuleProperty:
    group: dict[str, Any] = {"vendor_name": "AWS", "name": name}
    if not_webhooks:
        group["scope_down_statement"] = _not(_path("/webhooks/"))
        # A GraphQL document may be longer than the 8 KB of this rule; the API has its own limit.
        group["rule_action_overrides"] = [
            Part.RuleActionOverrideProperty(
                name="SizeRestrictions_BODY", action_to_use=Part.RuleActionProperty(count={})
            )
        ]
    return Part.RuleProperty(
        name=name,
        priority=priority,
        override_action=Part.OverrideActionProperty(none={}),
        statement=Part.StatementProperty(
            managed_rule_group_statement=Part.ManagedRuleGroupStatementProperty(**group)
        ),
        visibility_config=_seen(name),
    )


def _rate(priority: int, name: str, limit: int, where: Part.StatementProperty) -> Part.RuleProperty:
    return Part.RuleProperty(
        name=f"rate-{name}",
        priority=priority,
        action=Part.RuleActionProperty(block={}),
        statement=Part.StatementProperty(
            rate_based_statement=Part.RateBasedStatementProperty(
                limit=limit,
                aggregate_key_type="IP",
                evaluation_window_sec=300,
                scope_down_statement=where,
            )
        ),
        visibility_config=_seen(f"rate-{name}"),
    )
