"""The IAM statements behind a function's rights; actions and resources are all spelled out."""

from collections.abc import Sequence

from aws_cdk import aws_iam as iam

from infra.model import Function, PersonalRights, ReportRights, Rights
from infra.resources import Resources

READ = ("dynamodb:GetItem", "dynamodb:BatchGetItem", "dynamodb:Query")
CHANGE = ("dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:ConditionCheckItem")
IN_TRANSACTION = {
    "ForAnyValue:StringEquals": {"dynamodb:EnclosingOperation": ["TransactWriteItems"]}
}
FREE: dict[Rights, tuple[str, ...]] = {
    Rights.NAMED: (),
    Rights.READ: READ,
    Rights.READ_PENDING: READ,
    Rights.WRITE: (*READ, *CHANGE, "dynamodb:DeleteItem"),
    Rights.UPSERT: (*READ, *CHANGE),
    Rights.APPEND: READ,
    Rights.EMIT: (),
}
"""What may be done with a table in any request."""
TRANSACTED: dict[Rights, tuple[str, ...]] = {
    Rights.APPEND: ("dynamodb:PutItem",),
    Rights.EMIT: ("dynamodb:PutItem",),
}
"""What may be done only as a part of a transaction."""
INTERFACES = (
    "ec2:AssignPrivateIpAddresses",
    "ec2:CreateNetworkInterface",
    "ec2:DeleteNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSubnets",
    "ec2:UnassignPrivateIpAddresses",
)
"""What a function inside a network needs to be there at all."""
ATTENTION_INDEX = "attention"
PENDING_INDEX = "pending"
FOLLOW = (
    "cognito-idp:AdminDisableUser",
    "cognito-idp:AdminEnableUser",
    "cognito-idp:AdminSetUserMFAPreference",
    "cognito-idp:AdminUserGlobalSignOut",
)
"""What the pool is told of people whom we stopped, signed out or let in again."""
SIGN_IN = (
    "cognito-idp:AssociateSoftwareToken",
    "cognito-idp:ChangePassword",
    "cognito-idp:ConfirmForgotPassword",
    "cognito-idp:ConfirmSignUp",
    "cognito-idp:ForgotPassword",
    "cognito-idp:GetTokensFromRefreshToken",
    "cognito-idp:GetUser",
    "cognito-idp:GlobalSignOut",
    "cognito-idp:InitiateAuth",
    "cognito-idp:ResendConfirmationCode",
    "cognito-idp:RespondToAuthChallenge",
    "cognito-idp:RevokeToken",
    "cognito-idp:SetUserMFAPreference",
    "cognito-idp:SignUp",
    "cognito-idp:VerifySoftwareToken",
)


def allow(
    actions: Sequence[str],
    resources: Sequence[str],
    conditions: dict[str, object] | None = None,
) -> iam.PolicyStatement:
    """One statement."""
    return iam.PolicyStatement(
        actions=list(actions), resources=list(resources), conditions=conditions
    )


def statements(function: Function, at: Resources) -> list[iam.PolicyStatement]:
    """Everything that the function's role may do, apart from its trigger and its log."""
    return [
        *_tables(function, at),
        *_messages(function, at),
        *_secrets(function, at),
        *_objects(function, at),
        *_personal_data(function, at),
        *_reports(function, at),
        *_people(function, at),
        *_prices(function, at),
    ]


def _tables(function: Function, at: Resources) -> list[iam.PolicyStatement]:
    made = []
    for name, rights in function.tables.items():
        arn = at.tables[name].table_arn
        own = function.leading_keys if name == "core" else ()
        keys: dict[str, object] | None = _at(own) if own else None
        if FREE[rights]:
            made.append(allow(FREE[rights], [arn], keys))
        if rights in TRANSACTED:
            made.append(allow(TRANSACTED[rights], [arn], _in_transaction(function, name)))
        if rights is Rights.READ_PENDING:
            made.append(allow(["dynamodb:Query"], [f"{arn}/index/{PENDING_INDEX}"]))
        if name == "core" and function.lists_for_staff:
            made.append(allow(["dynamodb:Query"], [f"{arn}/index/{ATTENTION_INDEX}"]))
    if any(rights is not Rights.NAMED for rights in function.tables.values()):
        made.append(use_key(at.data_key.key_arn, "dynamodb", at))
    return made


def _at(partitions: Sequence[str]) -> dict[str, object]:
    """The condition that nothing outside of these partition keys is touched."""
    return {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": list(partitions)}}


def _in_transaction(function: Function, table: str) -> dict[str, object]:
    partitions = function.appends_at.get(table, ())
    return {**IN_TRANSACTION, **(_at(partitions) if partitions else {})}


def _messages(function: Function, at: Resources) -> list[iam.PolicyStatement]:
    made = []
    if function.sends_to:
        arns = [at.queues[name].queue_arn for name in function.sends_to]
        made.append(allow(["sqs:SendMessage"], arns))
        made.append(use_key(at.messages_key.key_arn, "sqs", at, write=True))
    if function.publishes:
        made.append(allow(["events:PutEvents"], [at.bus.event_bus_arn]))
    if function.reports_scans:
        source = {"StringEquals": {"events:source": "baobab.scan"}} if at.stage.on_aws else None
        default_bus = at.arn("events", "event-bus/default")
        made.append(allow(["events:PutEvents"], [default_bus], dict(source) if source else None))
    return made


def _secrets(function: Function, at: Resources) -> list[iam.PolicyStatement]:
    if not function.secrets:
        return []
    arns = [at.secrets[name].secret_arn for name in function.secrets]
    return [
        allow(["secretsmanager:GetSecretValue"], arns),
        use_key(at.data_key.key_arn, "secretsmanager", at),
    ]


def _objects(function: Function, at: Resources) -> list[iam.PolicyStatement]:
    made = [
        allow(["s3:GetObject"], [at.buckets[name].arn_for_objects("*")])
        for name in function.reads_objects
    ]
    made += [
        allow(["s3:PutObject"], [at.buckets[name].arn_for_objects("*")])
        for name in function.writes_objects
    ]
    made += [
        allow(["s3:ListBucket"], [at.buckets[name].bucket_arn]) for name in function.finds_objects
    ]
    if made:
        made.append(use_key(at.data_key.key_arn, "s3", at, write=True))
    return made


def _personal_data(function: Function, at: Resources) -> list[iam.PolicyStatement]:
    if function.personal_data is None:
        return []
    actions = ["kms:Decrypt"]
    if function.personal_data is PersonalRights.SEAL:
        actions.append("kms:GenerateDataKey")
    # The emulator does not offer the encryption context to conditions.
    owner = {"StringLike": {"kms:EncryptionContext:user": f"usr_{at.stage.cell}_*"}}
    conditions: dict[str, object] | None = dict(owner) if at.stage.on_aws else None
    return [allow(actions, [at.personal_key.key_arn], conditions)]


def _reports(function: Function, at: Resources) -> list[iam.PolicyStatement]:
    if function.reports is None:
        return []
    action = "kms:Sign" if function.reports is ReportRights.SIGN else "kms:Verify"
    return [allow([action], [at.reports_key.key_arn])]


def _people(function: Function, at: Resources) -> list[iam.PolicyStatement]:
    made = []
    if function.identity:
        # The client's secret is read from the pool, so that it is stored nowhere else.
        pool = [at.user_pool.user_pool_arn]
        made.append(allow(["cognito-idp:DescribeUserPoolClient", *FOLLOW], pool))
        if not at.stage.on_aws:
            # AWS asks no policy about these calls of the person's own; the emulator does.
            made.append(allow(SIGN_IN, ["*"]))
    if function.mails:
        sender = {"StringEquals": {"ses:FromAddress": at.stage.sender_address}}
        conditions: dict[str, object] | None = dict(sender) if at.stage.on_aws else None
        made.append(
            allow(["ses:SendEmail"], [at.arn("ses", f"identity/{at.mail_identity}")], conditions)
        )
    return made


def _prices(function: Function, at: Resources) -> list[iam.PolicyStatement]:
    if not function.price_cache or at.price_cache is None:
        return []
    cache = [at.price_cache.arn, at.price_cache.user_arn]
    # Lambda itself makes and removes the network's interfaces; EC2 knows no resources for some.
    return [
        allow(["elasticache:Connect"], cache),
        allow(INTERFACES, ["*"]),
    ]


def use_key(
    key_arn: str, service: str, at: Resources, *, write: bool = False
) -> iam.PolicyStatement:
    """Use of a key by way of one service only."""
    actions = ["kms:Decrypt"]
    if service == "dynamodb":
        # DynamoDB asks for these on behalf of whoever reads or writes a table.
        actions += ["kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*"]
    elif write:
        actions.append("kms:GenerateDataKey")
    return allow(actions, [key_arn], {"StringEquals": {"kms:ViaService": at.via(service)}})
