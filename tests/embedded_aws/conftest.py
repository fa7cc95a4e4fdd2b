"""The embedded AWS alone, started once for this folder, with IAM enforced."""

import io
import json
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tools.stack.deployment import client
from tools.stack.places import Places, Ports
from tools.stack.servers import Servers

WITHIN_S = 30.0
POLL_S = 0.05


def eventually[T](ask: Callable[[], T], wanted: Callable[[T], bool]) -> T:
    """The first answer that is as wanted; the last answer when the time is over."""
    deadline = time.monotonic() + WITHIN_S
    while True:
        answer = ask()
        if wanted(answer) or time.monotonic() > deadline:
            return answer
        time.sleep(POLL_S)


class Cloud:
    """Clients of the embedded AWS, and the few resources that these tests make."""

    def __init__(self, ports: Ports) -> None:
        self.ports = ports

    def client(self, service: str) -> Any:
        return client(service, self.ports)

    def role(self, name: str, *actions: str) -> str:
        """A role for functions that may do the given actions on everything."""
        trust = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}}
        document = {"Version": "2012-10-17", "Statement": [{**trust, "Action": "sts:AssumeRole"}]}
        iam = self.client("iam")
        made = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(document))
        allow = {"Effect": "Allow", "Action": list(actions), "Resource": "*"}
        policy = {"Version": "2012-10-17", "Statement": [allow]}
        iam.put_role_policy(RoleName=name, PolicyName="p", PolicyDocument=json.dumps(policy))
        return str(made["Role"]["Arn"])

    def allowed_on(self, name: str, action: str, resource: str) -> dict[str, str]:
        """Credentials that may do one thing with one resource, as arguments of a client."""
        role = self.role(name, action)
        allow = {"Effect": "Allow", "Action": action, "Resource": resource}
        policy = json.dumps({"Version": "2012-10-17", "Statement": [allow]})
        self.client("iam").put_role_policy(RoleName=name, PolicyName="p", PolicyDocument=policy)
        session = self.client("sts").assume_role(RoleArn=role, RoleSessionName="test")
        given = session["Credentials"]
        return {
            "aws_access_key_id": given["AccessKeyId"],
            "aws_secret_access_key": given["SecretAccessKey"],
            "aws_session_token": given["SessionToken"],
        }

    def function(self, name: str, source: str, *actions: str, **environment: str) -> None:
        """A Python function from its source; its entry point is `handler`."""
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            archive.writestr("code.py", source)
        self.client("lambda").create_function(
            FunctionName=name,
            Runtime="python3.13",
            Handler="code.handler",
            Role=self.role(f"{name}-role", *(actions or ("sqs:*",))),
            Code={"ZipFile": packed.getvalue()},
            Timeout=30,
            Environment={"Variables": environment},
        )

    def invoke(self, name: str, event: dict[str, Any] | None = None) -> Any:
        payload = json.dumps(event or {}).encode()
        answer = self.client("lambda").invoke(FunctionName=name, Payload=payload)
        return json.loads(answer["Payload"].read())

    def queue(self, name: str, **attributes: str) -> tuple[str, str]:
        """URL and ARN of a new queue."""
        sqs = self.client("sqs")
        url = sqs.create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]
        told = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
        return url, told["Attributes"]["QueueArn"]

    def received(self, url: str, count: int) -> list[str]:
        """Bodies in the queue, in order of sending; waits until there are `count` of them."""
        sqs, bodies = self.client("sqs"), list[tuple[int, str]]()

        def more() -> int:
            got = sqs.receive_message(
                QueueUrl=url, MaxNumberOfMessages=10, MessageSystemAttributeNames=["SentTimestamp"]
            )
            for message in got.get("Messages", []):
                sent = int(message["Attributes"]["SentTimestamp"])
                bodies.append((sent, message["Body"]))
                sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
            return len(bodies)

        eventually(more, lambda found: found >= count)
        more()
        return [body for _, body in sorted(bodies, key=lambda pair: pair[0])]


@pytest.fixture(scope="session")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    places, ports = Places(Path(tmp_path_factory.mktemp("aws"))), Ports.free()
    places.prepare()
    servers = Servers(places, ports)
    servers.start_aws(auth=True, tied=True)
    yield Cloud(ports)
    servers.stop()
