"""Each stage of the CDK app, synthesised once per run into plain templates."""

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.infra.templates import Synthesised

NODE = Path(__file__).resolve().parents[2] / ".local" / "node" / "bin" / "node"
if NODE.exists():
    os.environ.setdefault("JSII_NODE", str(NODE))


@pytest.fixture(scope="session")
def synthesise(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Synthesised]:
    from aws_cdk import App, Environment

    from infra.platform import build
    from infra.stages import LOCAL_ENVIRONMENT, file_context, read_stage

    def run(name: str, region: str | None = None, **domain: object) -> Synthesised:
        folder = tmp_path_factory.mktemp(name)
        context = file_context()
        if domain:
            context["stages"][name]["domain"] |= domain
        app = App(context=context, outdir=str(folder), analytics_reporting=False)
        stage = read_stage(context, name=name, bundle=False)
        account = "111122223333" if region else None
        env = Environment(account=account, region=region) if stage.on_aws else LOCAL_ENVIRONMENT
        build(app, stage, env)
        app.synth()
        files = folder.glob("*.template.json")
        return Synthesised(
            name,
            {
                file.name.removesuffix(".template.json").rsplit("-", 1)[1]: json.loads(
                    file.read_text()
                )
                for file in files
            },
        )

    return run


@pytest.fixture(scope="session")
def prod(synthesise: Callable[..., Synthesised]) -> Synthesised:
    return synthesise("prod", region="af-south-1")


@pytest.fixture(scope="session")
def dev(synthesise: Callable[..., Synthesised]) -> Synthesised:
    """Without an account or a region, as on a machine without credentials."""
    return synthesise("dev")


@pytest.fixture(scope="session")
def local(synthesise: Callable[..., Synthesised]) -> Synthesised:
    return synthesise("local")
