"""The CDK app: ``cdk synth -c stage=local|dev|prod``. Needs neither network nor credentials."""

import os

from aws_cdk import App, Environment

from infra.platform import build
from infra.stages import DEFAULT_STAGE, LOCAL_ENVIRONMENT, file_context, read_stage


def main() -> None:
    """Synthesise one stage."""
    app = App(context=file_context())

    def given(name: str, default: str) -> str:
        value = app.node.try_get_context(name)
        return default if value is None else str(value)

    stage = read_stage(
        {"stages": app.node.get_context("stages")},
        name=given("stage", DEFAULT_STAGE),
        aws_port=given("aws_port", "4566"),
        sandbox_url=given("sandbox_url", "http://127.0.0.1:4580"),
        price_cache_url=given("price_cache_url", ""),
        bundle=given("bundle", "true").lower() != "false",
    )
    env = LOCAL_ENVIRONMENT
    if stage.on_aws:
        env = Environment(
            account=os.environ.get("CDK_DEFAULT_ACCOUNT"),
            region=os.environ.get("CDK_DEFAULT_REGION"),
        )
    build(app, stage, env)
    app.synth()


if __name__ == "__main__":
    main()
