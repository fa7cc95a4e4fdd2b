"""Copies that nobody can delete: daily for five weeks, monthly for seven years."""

from collections.abc import Mapping

from aws_cdk import Duration, Environment, Stack
from aws_cdk import aws_backup as backup
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_events as events
from aws_cdk import aws_kms as kms
from constructs import Construct

from infra.stages import Stage

DAILY_KEPT = Duration.days(35)
MONTHLY_KEPT = Duration.days(7 * 365)
"""Records of payments are to be kept for seven years."""
COPIED = ("core", "journal", "audit")
"""The outbox passes and the market is fetched anew."""


class BackupStack(Stack):
    """Beside point-in-time recovery, which a deleted table takes with it."""

    def __init__(
        self,
        scope: Construct,
        stage: Stage,
        env: Environment,
        tables: Mapping[str, dynamodb.Table],
    ) -> None:
        super().__init__(scope, stage.stack_name("backup"), env=env)
        vault = backup.BackupVault(
            self,
            "Vault",
            backup_vault_name=stage.physical_name("backups"),
            encryption_key=kms.Key(
                self, "Key", enable_key_rotation=True, removal_policy=stage.removal
            ),
            lock_configuration=backup.LockConfiguration(min_retention=Duration.days(30)),
            removal_policy=stage.removal,
        )
        plan = backup.BackupPlan(
            self,
            "Plan",
            backup_plan_name=stage.physical_name("backups"),
            backup_vault=vault,
            backup_plan_rules=[
                backup.BackupPlanRule(
                    rule_name="daily",
                    schedule_expression=events.Schedule.cron(hour="2", minute="0"),
                    delete_after=DAILY_KEPT,
                ),
                backup.BackupPlanRule(
                    rule_name="monthly",
                    schedule_expression=events.Schedule.cron(day="1", hour="4", minute="0"),
                    delete_after=MONTHLY_KEPT,
                ),
            ],
        )
        plan.add_selection(
            "Tables",
            resources=[backup.BackupResource.from_dynamo_db_table(tables[name]) for name in COPIED],
        )
