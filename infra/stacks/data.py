"""Everything that is kept: tables, documents, secrets, and the keys that protect them."""

from aws_cdk import Aws, CfnOutput, Environment, Stack
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from constructs import Construct

from infra.grants import ATTENTION_INDEX, HOLDERS_INDEX, PENDING_INDEX
from infra.stacks.documents import Documents
from infra.stacks.vault import Vault
from infra.stages import Stage
from shared.platform.indexes import HOLDERS_KEEP

STRING = dynamodb.AttributeType.STRING
EXPIRES = "expires_at"
IMMUTABLE = ("journal", "audit")
REWRITING = (
    "dynamodb:UpdateItem",
    "dynamodb:DeleteItem",
    "dynamodb:BatchWriteItem",
    "dynamodb:PartiQLUpdate",
    "dynamodb:PartiQLDelete",
)


class DataStack(Stack):
    """What must outlive every deployment."""

    def __init__(self, scope: Construct, stage: Stage, env: Environment) -> None:
        super().__init__(scope, stage.stack_name("data"), env=env)
        self._stage = stage
        self.data_key = self._key("DataKey", "tables, documents and secrets")
        self.personal_key = self._key("PersonalDataKey", "wraps one data key per person")
        if stage.on_aws:
            self.personal_key.add_to_resource_policy(only_for_a_person())
        self.reports_key = self._signing_key("ReportsKey", "signs reconciliation reports")
        self.logs_key = self._key("LogsKey", "log groups")
        self.logs_key.add_to_resource_policy(use_by_logs(self))
        self.tables = {
            "core": self._table("Core", expires=True),
            "journal": self._table("Journal"),
            "outbox": self._table("Outbox", expires=True, streams=True),
            "audit": self._table("Audit"),
            "market": self._table("Market"),
        }
        self.tables["core"].add_global_secondary_index(
            index_name=PENDING_INDEX,
            partition_key=dynamodb.Attribute(name="pending", type=STRING),
            sort_key=dynamodb.Attribute(name="due", type=STRING),
            projection_type=dynamodb.ProjectionType.ALL,
        )
        self.tables["core"].add_global_secondary_index(
            index_name=ATTENTION_INDEX,
            partition_key=dynamodb.Attribute(name="attention", type=STRING),
            sort_key=dynamodb.Attribute(name="waits_at", type=STRING),
            projection_type=dynamodb.ProjectionType.KEYS_ONLY,
        )
        self.tables["core"].add_global_secondary_index(
            index_name=HOLDERS_INDEX,
            partition_key=dynamodb.Attribute(name="segment", type=STRING),
            sort_key=dynamodb.Attribute(name="pk", type=STRING),
            projection_type=dynamodb.ProjectionType.INCLUDE,
            non_key_attributes=list(HOLDERS_KEEP),
        )
        documents = Documents(self, stage, self.data_key)
        self.buckets = documents.buckets
        self.secrets = Vault(self, stage, self.data_key).secrets
        for name, table in self.tables.items():
            CfnOutput(self, f"{name.capitalize()}Table", value=table.table_name)

    def _key(self, name: str, use: str) -> kms.Key:
        return kms.Key(
            self,
            name,
            description=f"Baobab {self._stage.name}: {use}",
            enable_key_rotation=True,
            removal_policy=self._stage.removal,
        )

    def _signing_key(self, name: str, use: str) -> kms.Key:
        """Asymmetric: whoever may verify cannot sign. KMS rotates no such key by itself."""
        return kms.Key(
            self,
            name,
            description=f"Baobab {self._stage.name}: {use}",
            key_spec=kms.KeySpec.ECC_NIST_P256,
            key_usage=kms.KeyUsage.SIGN_VERIFY,
            removal_policy=self._stage.removal,
        )

    def _table(self, name: str, *, expires: bool = False, streams: bool = False) -> dynamodb.Table:
        immutable = name.lower() in IMMUTABLE
        return dynamodb.Table(
            self,
            name,
            partition_key=dynamodb.Attribute(name="pk", type=STRING),
            sort_key=dynamodb.Attribute(name="sk", type=STRING),
            billing_mode=dynamodb.BillingMode.PAY_PER_REQUEST,
            encryption=dynamodb.TableEncryption.CUSTOMER_MANAGED,
            encryption_key=self.data_key,
            point_in_time_recovery_specification=dynamodb.PointInTimeRecoverySpecification(
                point_in_time_recovery_enabled=True
            ),
            deletion_protection=self._stage.keep_data,
            removal_policy=self._stage.removal,
            time_to_live_attribute=EXPIRES if expires else None,
            stream=dynamodb.StreamViewType.NEW_IMAGE if streams else None,
            resource_policy=never_rewritten() if immutable and self._stage.on_aws else None,
        )


def never_rewritten() -> iam.PolicyDocument:
    """Nobody changes or removes an item, whatever their own policy allows."""
    return iam.PolicyDocument(
        statements=[
            iam.PolicyStatement(
                effect=iam.Effect.DENY,
                principals=[iam.AnyPrincipal()],
                actions=list(REWRITING),
                resources=["*"],
            )
        ]
    )


def only_for_a_person() -> iam.PolicyStatement:
    """The key never works without naming the person whose data it is."""
    return iam.PolicyStatement(
        effect=iam.Effect.DENY,
        principals=[iam.AnyPrincipal()],
        actions=["kms:Encrypt", "kms:Decrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*"],
        resources=["*"],
        conditions={"Null": {"kms:EncryptionContext:user": "true"}},
    )


def use_by_logs(stack: Stack) -> iam.PolicyStatement:
    """CloudWatch Logs may use the key for log groups of this account."""
    groups = stack.format_arn(service="logs", resource="*")
    return iam.PolicyStatement(
        principals=[iam.ServicePrincipal(f"logs.{Aws.REGION}.amazonaws.com")],
        actions=["kms:Encrypt", "kms:Decrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*"],
        resources=["*"],
        conditions={"ArnLike": {"kms:EncryptionContext:aws:logs:arn": groups}},
    )
