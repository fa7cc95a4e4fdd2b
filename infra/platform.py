"""Puts the stacks of one stage together."""

from dataclasses import dataclass

from aws_cdk import App, Environment, Tags

from infra.resources import Resources
from infra.stacks.api import ApiStack
from infra.stacks.backup import BackupStack
from infra.stacks.cache import CacheStack
from infra.stacks.data import DataStack
from infra.stacks.edge import EdgeStack
from infra.stacks.identity import IdentityStack
from infra.stacks.messaging import MessagingStack
from infra.stacks.monitoring import MonitoringStack
from infra.stacks.workers import WorkersStack
from infra.stages import Stage


@dataclass(frozen=True)
class Platform:
    """The stacks that every stage has."""

    identity: IdentityStack
    data: DataStack
    messaging: MessagingStack
    api: ApiStack
    workers: WorkersStack


def build(app: App, stage: Stage, env: Environment) -> Platform:
    """All stacks of a stage inside ``app``."""
    identity = IdentityStack(app, stage, env)
    data = DataStack(app, stage, env)
    messaging = MessagingStack(app, stage, env, data.buckets)
    cache = (
        CacheStack(app, stage, stage.price_cache, env, data.data_key) if stage.price_cache else None
    )
    at = Resources(
        stage=stage,
        tables=data.tables,
        buckets=data.buckets,
        secrets=data.secrets,
        queues=messaging.queues,
        dead_letters=messaging.dead_letters,
        bus=messaging.bus,
        data_key=data.data_key,
        personal_key=data.personal_key,
        reports_key=data.reports_key,
        messages_key=messaging.key,
        logs_key=data.logs_key,
        user_pool=identity.user_pool,
        user_pool_client=identity.client,
        mail_identity=identity.mail_identity,
        price_cache=None if cache is None else cache.access,
    )
    api = ApiStack(app, at, env)
    platform = Platform(
        identity=identity,
        data=data,
        messaging=messaging,
        api=api,
        workers=WorkersStack(app, at, env, api.webhook_base_url),
    )
    if stage.on_aws:
        _perimeter(app, stage, env, platform)
    Tags.of(app).add("project", "baobab")
    Tags.of(app).add("stage", stage.name)
    return platform


def _perimeter(app: App, stage: Stage, env: Environment, platform: Platform) -> None:
    """What stands around the platform on AWS."""
    if stage.domain is not None:
        EdgeStack(app, stage, stage.domain, env).add_stack_dependency(platform.api)
    MonitoringStack(app, stage, env, [platform.messaging, platform.api, platform.workers])
    BackupStack(app, stage, env, platform.data.tables)
