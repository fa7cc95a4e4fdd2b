"""The CDK app on the embedded AWS: bootstrap, deploy with the real command line, outputs."""

import json
import os
import subprocess
import sys
from typing import Any

import boto3

from tools.stack.places import ACCOUNT, CHECKOUT, REGION, TOOLS, Places, Ports, StackError
from tools.stack.servers import aws_url, cache_url, sandbox_url

QUALIFIER = "hnb659fds"
BOOTSTRAP_VERSION = "31"
ROOT_KEY = "test"
"""Key and secret with which the emulator knows its root user."""
STACKS = "Baobab-local-*"
APP = "app.py"


def client(service: str, ports: Ports) -> Any:
    """A client of the embedded AWS as its root; settings of the caller play no part."""
    make: Any = boto3.client
    return make(
        service,
        endpoint_url=aws_url(ports),
        aws_access_key_id=ROOT_KEY,
        aws_secret_access_key=ROOT_KEY,
        region_name=REGION,
    )


def bootstrap(ports: Ports) -> None:
    """What `cdk bootstrap` leaves behind, as far as a deployment by the root user needs it."""
    client("ssm", ports).put_parameter(
        Name=f"/cdk-bootstrap/{QUALIFIER}/version",
        Value=BOOTSTRAP_VERSION,
        Type="String",
        Overwrite=True,
    )
    client("s3", ports).create_bucket(Bucket=f"cdk-{QUALIFIER}-assets-{ACCOUNT}-{REGION}")


def cdk_environment(ports: Ports | None = None) -> dict[str, str]:
    """The caller's variables without AWS's, so that no real account is ever touched."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    aimed = {"AWS_ENDPOINT_URL": aws_url(ports)} if ports else {}
    return {
        **kept,
        **aimed,
        "AWS_ACCESS_KEY_ID": ROOT_KEY,
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_REGION": REGION,
        "AWS_SECRET_ACCESS_KEY": ROOT_KEY,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "CDK_DISABLE_CLI_TELEMETRY": "true",
        "CDK_DISABLE_VERSION_CHECK": "1",
        "NO_PROXY": "127.0.0.1,localhost",
        "PYTHON_COLORS": "0",  # the CDK asks for colours even where a file takes them
        "PATH": f"{TOOLS / 'node' / 'bin'}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
    }


def cdk(*arguments: str, app: str = APP) -> list[str]:
    """A command line of the CDK on an app, this checkout's if none is named."""
    return [
        str(TOOLS / "cdk" / "node_modules" / ".bin" / "cdk"),
        *arguments,
        "--app",
        f"{CHECKOUT / '.venv' / 'bin' / 'python'} {app}",
        "--no-color",
        "--no-notices",
        "--no-version-reporting",
        "--no-path-metadata",
        "--no-asset-metadata",
    ]


def deploy(places: Places, ports: Ports, app: str = APP) -> dict[str, str]:
    """Deploys every local stack and returns all their outputs by key.

    Raises:
        StackError: the app does not synthesise or a stack was refused.
    """
    log = places.log / "deploy.log"
    places.outputs.unlink(missing_ok=True)
    command = [
        *cdk("deploy", STACKS, app=app),
        "--method=direct",  # change sets of the emulator miss an update of outputs only
        "--require-approval=never",
        "--progress=events",
        "--ci",
        f"--output={places.assembly}",
        f"--outputs-file={places.outputs}",
        *("-c", "stage=local", "-c", f"aws_port={ports.aws}"),
        *("-c", f"price_cache_url={cache_url(ports)}"),
        *("-c", f"sandbox_url={sandbox_url(ports)}"),
    ]
    with log.open("wb") as sink:
        done = subprocess.run(
            command,
            cwd=CHECKOUT,
            env=cdk_environment(ports),
            stdin=subprocess.DEVNULL,
            stdout=sink,
            stderr=subprocess.STDOUT,
            check=False,
        )
    if done.returncode:
        raise StackError(
            f"cdk deploy failed: {reason_of(log.read_text(errors='replace'))} (see {log})"
        )
    return read_outputs(places)


def reason_of(text: str) -> str:
    """The line of a deployment's output that says what went wrong."""
    lines = [line.strip() for line in text.splitlines()]
    # The app's own last words stand above the command line's remark that it ended.
    lines = [line for line in lines if line and "Subprocess exited" not in line]
    telling = [line for line in lines if "FAILED" in line or "Error" in line or "❌" in line]
    return (telling or lines or ["it said nothing"])[-1][:300]


def read_outputs(places: Places) -> dict[str, str]:
    """The outputs of all stacks in one mapping.

    Raises:
        StackError: two stacks give different values to one key.
    """
    merged: dict[str, str] = {}
    for stack, outputs in json.loads(places.outputs.read_text()).items():
        for key, value in outputs.items():
            if key.startswith("ExportsOutput"):
                continue
            if merged.setdefault(key, value) != value:
                raise StackError(f"output {key} of {stack} contradicts another stack's: rename one")
    return merged


def synthesis(stage: str) -> list[str]:
    """The command that writes a stage's templates, without network: to look at, not to deploy,
    as the functions' archives then hold our code without its dependencies."""
    return [*cdk("synth", "--quiet"), "-c", f"stage={stage}", "-c", "bundle=false"]


def main() -> int:
    """Synthesises the app for a stage: python -m tools.stack.deployment [stage]."""
    command = synthesis(sys.argv[1] if len(sys.argv) > 1 else "local")
    return subprocess.run(command, cwd=CHECKOUT, env=cdk_environment(), check=False).returncode


if __name__ == "__main__":
    raise SystemExit(main())
