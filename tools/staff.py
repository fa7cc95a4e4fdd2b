"""`python -m tools.staff`: what operators do with their rights on the cloud account.

role  --email ADDRESS --role ADMIN --reason TEXT    give a role; how the first administrator comes
audit --email ADDRESS                               show what was done to somebody, and verify it

Works on the local stack, or with `--stage prod` on the account of the present AWS credentials. The
operator acts with exactly the API's own code and configuration, and is recorded by their identity.
"""

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from graphql_api.application import Application
from graphql_api.outside import outside
from graphql_api.settings import Settings
from shared.audit.acting import Acting
from shared.audit.duties import Duties
from shared.audit.service import AuditTrail
from shared.audit.store import AuditStore
from shared.kernel.errors import BaobabError, NotFound
from shared.kyc.review import Review
from shared.users.addresses import EmailAddress
from shared.users.model import UserStatus
from shared.users.roles import Role
from tools.stack.places import LOCAL, TOOLS, Endpoints, use_local


def main(arguments: Sequence[str]) -> int:
    """0 when it is done, 1 when it is refused or the trail is not whole."""
    asked = _parser().parse_args(arguments)
    if asked.stage == LOCAL:
        if not asked.endpoints.exists():
            print("staff: nothing runs here; start it with: make up", file=sys.stderr)
            return 1
        use_local(Endpoints.from_json(asked.endpoints.read_text()))
    act: Callable[[Application, argparse.Namespace], int] = asked.act
    try:
        return act(_application(asked.stage), asked)
    except BaobabError as error:
        print(f"staff: {error.code}: {error.message()} {error.advice}", file=sys.stderr)
    except (BotoCoreError, ClientError) as error:
        # Missing rights, credentials or a stage that is not there: the account's words say which.
        print(f"staff: {error}", file=sys.stderr)
    return 1


def give_role(app: Application, asked: argparse.Namespace) -> int:
    """Give a role, recorded as the operator's act."""
    user_id = _owner(app, asked.email)
    review = Review(app.cases, app.kyc_people, app.facts, app.clock)
    by = Acting.as_operator(_operator())
    duties = Duties(app.people, review, _trail(app))
    user = duties.set_role(by, user_id, Role(asked.role), asked.reason)
    print(f"staff: {user.user_id} is {user.role}, by {by.actor.id}")
    return 0


def show_trail(app: Application, asked: argparse.Namespace) -> int:
    """Everything that was done to somebody, newest first, and whether it is as it was written."""
    user_id, trail = _owner(app, asked.email), _trail(app)
    for recorded in trail.whole(user_id):
        entry = recorded.entry
        changes = ", ".join(
            f"{name} {entry.before.get(name, '-')} -> {entry.after.get(name, '-')}"
            for name in sorted(entry.before.keys() | entry.after.keys())
        )
        when = entry.at.strftime("%Y-%m-%d %H:%M:%S")
        print(f"{when}  {entry.action}  {entry.actor.id} ({entry.actor.role})  {changes}")
        print(f"    {entry.reason}")
    broken = trail.broken(user_id)
    print(f"staff: not whole: {', '.join(broken)}" if broken else "staff: the trail is whole")
    return 1 if broken else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="tools.staff")
    parser.add_argument("--stage", default=LOCAL, help="such as prod; needs AWS credentials")
    parser.add_argument("--endpoints", type=Path, default=TOOLS / "endpoints.json")
    acts = parser.add_subparsers(required=True)
    role = acts.add_parser("role")
    role.add_argument("--email", required=True)
    role.add_argument("--role", required=True, choices=sorted(set(Role) - {Role.SYSTEM}))
    role.add_argument("--reason", required=True, help="10 to 500 characters, kept for good")
    role.set_defaults(act=give_role)
    audit = acts.add_parser("audit")
    audit.add_argument("--email", required=True)
    audit.set_defaults(act=show_trail)
    return parser


def function_name(stage: str) -> str:
    """The deployed API, named as the stage names it; asking the stage would load all of the CDK."""
    return f"baobab-{stage}-graphql-api"


def _application(stage: str) -> Application:
    """The API's own composition, with the environment of the deployed function."""
    deployed = boto3.client("lambda").get_function_configuration(FunctionName=function_name(stage))
    settings = Settings.load(deployed["Environment"]["Variables"])
    return Application(settings, outside(settings))


def _trail(app: Application) -> AuditTrail:
    return AuditTrail(AuditStore(app.database), app.clock, app.ids)


def _owner(app: Application, email: str) -> str:
    """Who has an address and has proved it; NotFound when nobody has."""
    unique = EmailAddress.parse(email).unique
    held = app.people.users.reservation(app.people.keyring.hash("email", unique))
    if held is None or held.status is UserStatus.PENDING:
        raise NotFound(what="Somebody with this address")
    return held.user_id


def _operator() -> str:
    """By the name that the cloud account gives them, such as ``assumed-role/Admin/wanjiru``."""
    arn: str = boto3.client("sts").get_caller_identity()["Arn"]
    return arn.split(":", 5)[5]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
