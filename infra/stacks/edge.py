"""The perimeter: CloudFront with TLS 1.3 and a web application firewall before the API."""

from aws_cdk import CfnOutput, Duration, Environment, RemovalPolicy, SecretValue, Stack
from aws_cdk import aws_certificatemanager as acm
from aws_cdk import aws_cloudfront as cloudfront
from aws_cdk import aws_cloudfront_origins as origins
from aws_cdk import aws_route53 as route53
from aws_cdk import aws_route53_targets as targets
from aws_cdk import aws_s3 as s3
from constructs import Construct

from infra.stacks.firewall import Firewall
from infra.stages import Domain, Stage

REGION = "us-east-1"
"""CloudFront takes certificates and firewalls from this region only."""
ORIGIN_HEADER = "x-origin-verify"
VIEWER_HEADER = "x-viewer-address"
"""Says who called, as the API sees nobody but the edge."""
ORIGIN_FIELD = "value"
"""Where in the secret's JSON the header's value is."""
NAME_THE_VIEWER = f"""
function handler(event) {{
  var request = event.request;
  request.headers["{VIEWER_HEADER}"] = {{ value: event.viewer.ip }};
  return request;
}}
"""
ONE_YEAR = Duration.days(365)


def origin_secret_name(stage: Stage) -> str:
    """The secret that CloudFront shows to the API; replicated to the edge's region."""
    return stage.physical_name("origin")


class EdgeStack(Stack):
    """Clients and vendors come in here; the API answers nobody else."""

    def __init__(self, scope: Construct, stage: Stage, domain: Domain, env: Environment) -> None:
        super().__init__(
            scope,
            stage.stack_name("edge"),
            env=Environment(account=env.account, region=REGION),
        )
        zone = route53.HostedZone.from_hosted_zone_attributes(
            self, "Zone", hosted_zone_id=domain.zone_id, zone_name=domain.zone_name
        )
        distribution = cloudfront.Distribution(
            self,
            "Api",
            comment=f"Baobab {stage.name}",
            domain_names=[domain.api],
            certificate=acm.Certificate(
                self,
                "Certificate",
                domain_name=domain.api,
                validation=acm.CertificateValidation.from_dns(zone),
            ),
            minimum_protocol_version=cloudfront.SecurityPolicyProtocol.TLS_V1_3_2025,
            http_version=cloudfront.HttpVersion.HTTP2_AND_3,
            web_acl_id=Firewall(self, stage).acl.attr_arn,
            log_bucket=self._log(stage),
            default_behavior=self._behaviour(stage, domain),
        )
        alias = route53.RecordTarget.from_alias(targets.CloudFrontTarget(distribution))
        route53.ARecord(self, "Ipv4", zone=zone, record_name=domain.api, target=alias)
        route53.AaaaRecord(self, "Ipv6", zone=zone, record_name=domain.api, target=alias)
        CfnOutput(self, "DistributionDomain", value=distribution.distribution_domain_name)

    def _behaviour(self, stage: Stage, domain: Domain) -> cloudfront.BehaviorOptions:
        secret = SecretValue.secrets_manager(origin_secret_name(stage), json_field=ORIGIN_FIELD)
        return cloudfront.BehaviorOptions(
            origin=origins.HttpOrigin(
                domain.origin,
                protocol_policy=cloudfront.OriginProtocolPolicy.HTTPS_ONLY,
                origin_ssl_protocols=[cloudfront.OriginSslPolicy.TLS_V1_2],
                # A dynamic reference: the template holds the name, never the value.
                custom_headers={ORIGIN_HEADER: secret.unsafe_unwrap()},
            ),
            allowed_methods=cloudfront.AllowedMethods.ALLOW_ALL,
            cache_policy=cloudfront.CachePolicy.CACHING_DISABLED,
            origin_request_policy=cloudfront.OriginRequestPolicy.ALL_VIEWER_EXCEPT_HOST_HEADER,
            viewer_protocol_policy=cloudfront.ViewerProtocolPolicy.HTTPS_ONLY,
            response_headers_policy=self._headers(),
            function_associations=[
                cloudfront.FunctionAssociation(
                    function=cloudfront.Function(
                        self,
                        "NameTheViewer",
                        code=cloudfront.FunctionCode.from_inline(NAME_THE_VIEWER.strip()),
                        runtime=cloudfront.FunctionRuntime.JS_2_0,
                    ),
                    event_type=cloudfront.FunctionEventType.VIEWER_REQUEST,
                )
            ],
        )

    def _headers(self) -> cloudfront.ResponseHeadersPolicy:
        frame = cloudfront.HeadersFrameOption.DENY
        referrer = cloudfront.HeadersReferrerPolicy.NO_REFERRER
        return cloudfront.ResponseHeadersPolicy(
            self,
            "SecurityHeaders",
            security_headers_behavior=cloudfront.ResponseSecurityHeadersBehavior(
                content_security_policy=cloudfront.ResponseHeadersContentSecurityPolicy(
                    content_security_policy="default-src 'none'; frame-ancestors 'none'",
                    override=True,
                ),
                content_type_options=cloudfront.ResponseHeadersContentTypeOptions(override=True),
                frame_options=cloudfront.ResponseHeadersFrameOptions(
                    frame_option=frame, override=True
                ),
                referrer_policy=cloudfront.ResponseHeadersReferrerPolicy(
                    referrer_policy=referrer, override=True
                ),
                strict_transport_security=cloudfront.ResponseHeadersStrictTransportSecurity(
                    access_control_max_age=ONE_YEAR, include_subdomains=True, override=True
                ),
            ),
        )

    def _log(self, stage: Stage) -> s3.Bucket:
        return s3.Bucket(
            self,
            "AccessLog",
            encryption=s3.BucketEncryption.S3_MANAGED,
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            # CloudFront delivers its logs by access control list.
            object_ownership=s3.ObjectOwnership.OBJECT_WRITER,
            enforce_ssl=True,
            lifecycle_rules=[s3.LifecycleRule(expiration=ONE_YEAR)],
            removal_policy=RemovalPolicy.RETAIN if stage.keep_data else RemovalPolicy.DESTROY,
        )
