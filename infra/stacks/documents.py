"""Buckets: identity documents, in quarantine until scanned and then kept, and reports."""

from aws_cdk import Duration, Stack
from aws_cdk import aws_guardduty as guardduty
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from constructs import Construct

from infra.stages import Stage

ABANDONED = Duration.days(7)
"""An identity case without progress for so long is abandoned; so are its uploads."""
REPORTS_LOCKED = s3.ObjectLockRetention.compliance(Duration.days(7 * 365))
"""Nobody changes or removes a report before, whatever their rights."""
SCAN_TAG = "GuardDutyMalwareScanStatus"
CLEAN = "NO_THREATS_FOUND"


class Documents(Construct):
    """Uploads arrive in ``quarantine``; what passed the scan is copied to ``documents``."""

    def __init__(self, scope: Construct, stage: Stage, key: kms.Key) -> None:
        super().__init__(scope, "Documents")
        self._stage, self._key = stage, key
        self._logs = self._access_logs() if stage.on_aws else None
        quarantine = self._bucket(
            "Quarantine",
            versioned=False,
            lifecycle=s3.LifecycleRule(
                expiration=ABANDONED, abort_incomplete_multipart_upload_after=Duration.days(1)
            ),
            cors=s3.CorsRule(
                allowed_methods=[s3.HttpMethods.POST], allowed_origins=[stage.app_url]
            ),
        )
        kept = self._bucket(
            "Kept",
            versioned=True,
            lifecycle=s3.LifecycleRule(
                noncurrent_version_expiration=Duration.days(90),
                abort_incomplete_multipart_upload_after=Duration.days(1),
            ),
        )
        reports = self._bucket(
            "Reports",
            versioned=True,
            lifecycle=s3.LifecycleRule(abort_incomplete_multipart_upload_after=Duration.days(1)),
            locked=stage.keep_data,
        )
        statements = self._bucket(
            "Statements",
            versioned=True,
            lifecycle=s3.LifecycleRule(abort_incomplete_multipart_upload_after=Duration.days(1)),
        )
        self.buckets = {
            "quarantine": quarantine,
            "documents": kept,
            "reports": reports,
            "statements": statements,
        }
        for telling in (quarantine, statements):
            _tell(telling)
        if stage.malware_scanner == "guardduty":
            self._scan(quarantine)

    def _bucket(
        self,
        name: str,
        *,
        versioned: bool,
        lifecycle: s3.LifecycleRule,
        cors: s3.CorsRule | None = None,
        locked: bool = False,
    ) -> s3.Bucket:
        return s3.Bucket(
            self,
            name,
            encryption=s3.BucketEncryption.KMS,
            encryption_key=self._key,
            bucket_key_enabled=True,
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            object_ownership=s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
            enforce_ssl=self._stage.on_aws,
            minimum_tls_version=1.2 if self._stage.on_aws else None,
            versioned=versioned,
            lifecycle_rules=[lifecycle],
            cors=[cors] if cors else None,
            object_lock_default_retention=REPORTS_LOCKED if locked else None,
            server_access_logs_bucket=self._logs,
            server_access_logs_prefix=f"{name.lower()}/" if self._logs else None,
            removal_policy=self._stage.removal,
        )

    def _access_logs(self) -> s3.Bucket:
        return s3.Bucket(
            self,
            "AccessLogs",
            encryption=s3.BucketEncryption.S3_MANAGED,
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            object_ownership=s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
            enforce_ssl=True,
            lifecycle_rules=[s3.LifecycleRule(expiration=Duration.days(365))],
            removal_policy=self._stage.removal,
        )

    def _scan(self, bucket: s3.Bucket) -> None:
        """GuardDuty scans each upload, tags it and reports on the default bus."""
        role = iam.Role(
            self,
            "ScannerRole",
            assumed_by=iam.ServicePrincipal("malware-protection-plan.guardduty.amazonaws.com"),
        )
        for statement in scanner_rights(bucket, self._key, Stack.of(self)):
            role.add_to_principal_policy(statement)
        plan = guardduty.CfnMalwareProtectionPlan(
            self,
            "Scanner",
            role=role.role_arn,
            protected_resource=guardduty.CfnMalwareProtectionPlan.CFNProtectedResourceProperty(
                s3_bucket=guardduty.CfnMalwareProtectionPlan.S3BucketProperty(
                    bucket_name=bucket.bucket_name
                )
            ),
            actions=guardduty.CfnMalwareProtectionPlan.CFNActionsProperty(
                tagging=guardduty.CfnMalwareProtectionPlan.CFNTaggingProperty(status="ENABLED")
            ),
        )
        plan.node.add_dependency(role)
        bucket.add_to_resource_policy(
            iam.PolicyStatement(
                sid="NobodyReadsUnscanned",
                effect=iam.Effect.DENY,
                principals=[iam.AnyPrincipal()],
                actions=["s3:GetObject", "s3:GetObjectVersion"],
                resources=[bucket.arn_for_objects("*")],
                conditions={
                    "StringNotEquals": {f"s3:ExistingObjectTag/{SCAN_TAG}": CLEAN},
                    "ArnNotEquals": {"aws:PrincipalArn": role.role_arn},
                },
            )
        )


def _tell(bucket: s3.Bucket) -> None:
    """What arrives in it is on the default bus."""
    made = bucket.node.default_child
    if not isinstance(made, s3.CfnBucket):
        raise TypeError("a bucket is made of its own resource")
    # The construct's own switch would add a function with rights on every bucket.
    made.notification_configuration = s3.CfnBucket.NotificationConfigurationProperty(
        event_bridge_configuration=s3.CfnBucket.EventBridgeConfigurationProperty(
            event_bridge_enabled=True
        )
    )


def scanner_rights(bucket: s3.Bucket, key: kms.Key, stack: Stack) -> list[iam.PolicyStatement]:
    """What GuardDuty's documentation asks for, on one bucket."""
    rule = stack.format_arn(
        service="events",
        resource="rule",
        resource_name="DO-NOT-DELETE-AmazonGuardDutyMalwareProtectionS3*",
    )
    guard = {"StringLike": {"events:ManagedBy": "malware-protection-plan.guardduty.amazonaws.com"}}
    objects = [bucket.arn_for_objects("*")]
    return [
        iam.PolicyStatement(
            actions=[
                "events:PutRule",
                "events:DeleteRule",
                "events:PutTargets",
                "events:RemoveTargets",
            ],
            resources=[rule],
            conditions=guard,
        ),
        iam.PolicyStatement(
            actions=["events:DescribeRule", "events:ListTargetsByRule"], resources=[rule]
        ),
        iam.PolicyStatement(
            actions=[
                "s3:GetObjectTagging",
                "s3:GetObjectVersionTagging",
                "s3:PutObjectTagging",
                "s3:PutObjectVersionTagging",
                "s3:GetObject",
                "s3:GetObjectVersion",
            ],
            resources=objects,
        ),
        iam.PolicyStatement(
            actions=["s3:PutBucketNotification", "s3:GetBucketNotification", "s3:ListBucket"],
            resources=[bucket.bucket_arn],
        ),
        iam.PolicyStatement(
            actions=["s3:PutObject"],
            resources=[bucket.arn_for_objects("malware-protection-resource-validation-object")],
        ),
        iam.PolicyStatement(
            actions=["kms:GenerateDataKey", "kms:Decrypt"],
            resources=[key.key_arn],
            conditions={"StringLike": {"kms:ViaService": "s3.*.amazonaws.com"}},
        ),
    ]
