"""The price cache on AWS: a serverless Valkey in a network of its own, reached with IAM and TLS."""

from aws_cdk import App, Environment, Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_elasticache as elasticache
from aws_cdk import aws_kms as kms

from infra.resources import PriceCache
from infra.stages import PriceCacheSize, Stage

PORTS = (6379, 6380)
"""For all commands, and for reads that may be a moment late."""
MAY = "on ~{market}:* -@all +get +mget +set +client|setinfo"
"""Prices and nothing else: no listing, no deleting, no scripts."""


class CacheStack(Stack):
    """Holds nothing that is not in the market table, too: it may be deleted at any time."""

    def __init__(
        self, scope: App, stage: Stage, size: PriceCacheSize, env: Environment, key: kms.Key
    ) -> None:
        super().__init__(scope, stage.stack_name("cache"), env=env)
        self._stage = stage
        vpc = self._network(size)
        clients = ec2.SecurityGroup(self, "Clients", vpc=vpc, description="Functions")
        guarded = ec2.SecurityGroup(
            self, "Cache", vpc=vpc, description="The price cache", allow_all_outbound=False
        )
        for port in PORTS:
            guarded.add_ingress_rule(clients, ec2.Port.tcp(port))
        user, group = self._users()
        name = stage.physical_name("prices")
        cache = elasticache.CfnServerlessCache(
            self,
            "Prices",
            serverless_cache_name=name,
            engine="valkey",
            major_engine_version="8",
            kms_key_id=key.key_arn,
            security_group_ids=[guarded.security_group_id],
            subnet_ids=vpc.select_subnets(subnet_type=ec2.SubnetType.PRIVATE_ISOLATED).subnet_ids,
            user_group_id=group.user_group_id,
            cache_usage_limits=elasticache.CfnServerlessCache.CacheUsageLimitsProperty(
                data_storage=elasticache.CfnServerlessCache.DataStorageProperty(
                    unit="GB", maximum=size.gigabytes
                ),
                ecpu_per_second=elasticache.CfnServerlessCache.ECPUPerSecondProperty(
                    maximum=size.requests_per_second
                ),
            ),
        )
        cache.add_resource_dependency(group)
        self.access = PriceCache(
            vpc=vpc,
            clients=clients,
            name=name,
            arn=cache.attr_arn,
            user=user.user_name,
            user_arn=user.attr_arn,
            url=f"rediss://{user.user_name}@{cache.attr_endpoint_address}:{PORTS[0]}",
        )

    def _network(self, size: PriceCacheSize) -> ec2.Vpc:
        subnets = {
            "public": ec2.SubnetType.PUBLIC,
            "functions": ec2.SubnetType.PRIVATE_WITH_EGRESS,
            "cache": ec2.SubnetType.PRIVATE_ISOLATED,
        }
        return ec2.Vpc(
            self,
            "Network",
            max_azs=2,
            nat_gateways=size.nat_gateways,
            subnet_configuration=[
                ec2.SubnetConfiguration(name=name, subnet_type=kind, cidr_mask=22)
                for name, kind in subnets.items()
            ],
            # Neither of the two services is worth paying a gateway for.
            gateway_endpoints={
                "Tables": ec2.GatewayVpcEndpointOptions(
                    service=ec2.GatewayVpcEndpointAwsService.DYNAMODB
                ),
                "Objects": ec2.GatewayVpcEndpointOptions(
                    service=ec2.GatewayVpcEndpointAwsService.S3
                ),
            },
            restrict_default_security_group=False,
        )

    def _users(self) -> tuple[elasticache.CfnUser, elasticache.CfnUserGroup]:
        name = self._stage.physical_name("functions")
        user = elasticache.CfnUser(
            self,
            "Functions",
            engine="valkey",
            user_id=name,
            user_name=name,
            access_string=MAY,
            authentication_mode={"Type": "iam"},
        )
        group = elasticache.CfnUserGroup(
            self,
            "Users",
            engine="valkey",
            user_group_id=self._stage.physical_name("prices"),
            user_ids=[name],
        )
        group.add_resource_dependency(user)
        return user, group
