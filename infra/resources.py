"""What functions may touch, gathered from the stacks that own it."""

from collections.abc import Mapping
from dataclasses import dataclass

from aws_cdk import Aws
from aws_cdk import aws_cognito as cognito
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_events as events
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_secretsmanager as secretsmanager
from aws_cdk import aws_sqs as sqs

from infra.model import Function
from infra.stages import Stage


@dataclass(frozen=True)
class PriceCache:
    """The stage's cache, and the network from which it can be reached."""

    vpc: ec2.Vpc
    clients: ec2.SecurityGroup
    name: str
    arn: str
    user: str
    user_arn: str
    url: str


@dataclass(frozen=True)
class Resources:
    """By the names that the table of functions uses."""

    stage: Stage
    tables: Mapping[str, dynamodb.Table]
    buckets: Mapping[str, s3.Bucket]
    secrets: Mapping[str, secretsmanager.Secret]
    queues: Mapping[str, sqs.Queue]
    dead_letters: Mapping[str, sqs.Queue]
    bus: events.EventBus
    data_key: kms.Key
    personal_key: kms.Key
    reports_key: kms.Key
    messages_key: kms.Key
    logs_key: kms.Key
    user_pool: cognito.UserPool
    user_pool_client: cognito.UserPoolClient
    mail_identity: str
    price_cache: PriceCache | None = None

    def arn(self, service: str, resource: str) -> str:
        """The ARN of something of this account and region."""
        return f"arn:{Aws.PARTITION}:{service}:{Aws.REGION}:{Aws.ACCOUNT_ID}:{resource}"

    def via(self, service: str) -> str:
        """The name of an AWS service in the condition ``kms:ViaService``."""
        return f"{service}.{Aws.REGION}.amazonaws.com"

    def values(self, function: Function, given: Mapping[str, str]) -> dict[str, str]:
        """A function's settings by field name; ``given`` adds what only its stack knows."""
        stage = self.stage
        found = {"cell": stage.cell, "log_level": stage.log_level, **given}
        found |= {f"{name}_table": self.tables[name].table_name for name in function.tables}
        found |= {
            f"{name.replace('-', '_')}_queue": self.queues[name].queue_url
            for name in function.sends_to
        }
        found |= {f"{name}_secret": self.secrets[name].secret_arn for name in function.secrets}
        found |= {f"{name}_base_url": getattr(stage.vendors, name) for name in function.vendors}
        found |= {
            f"{name}_bucket": self.buckets[name].bucket_name
            for name in (*function.reads_objects, *function.writes_objects)
        }
        if function.personal_data is not None:
            found["personal_data_key"] = self.personal_key.key_arn
        if function.reports is not None:
            found["reports_key"] = self.reports_key.key_arn
        if function.identity:
            found["user_pool_id"] = self.user_pool.user_pool_id
            found["user_pool_client_id"] = self.user_pool_client.user_pool_client_id
        if function.publishes:
            found["event_bus"] = self.bus.event_bus_name
        if function.price_cache:
            found |= self._cache()
        if function.mails:
            found["sender_address"] = stage.sender_address
        for name in function.values:
            if name not in given:
                value = getattr(stage, name)
                found[name] = str(value).lower() if isinstance(value, bool) else str(value)
        return found

    def _cache(self) -> dict[str, str]:
        if self.price_cache is not None:
            return {
                "price_cache_url": self.price_cache.url,
                "price_cache_name": self.price_cache.name,
            }
        local = self.stage.local_price_cache_url
        return {} if local is None else {"price_cache_url": local}
