"""Alarms: each has a fixed name, by which the monitoring stack collects it."""

from collections.abc import Iterable

from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct

from infra.stages import Stage

PREFIX = "Alarm-"


def alarm(
    scope: Construct,
    stage: Stage,
    name: str,
    metric: cloudwatch.IMetric,
    *,
    above: float,
    periods: int,
) -> cloudwatch.Alarm:
    """Rings when the metric is above a figure for so many periods; silence is health."""
    return cloudwatch.Alarm(
        scope,
        f"{PREFIX}{name}",
        alarm_name=stage.physical_name(name),
        metric=metric,
        threshold=above,
        evaluation_periods=periods,
        comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
        treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
    )


def names_below(stacks: Iterable[Construct]) -> list[str]:
    """Names, as given to ``alarm``, of every alarm inside these stacks."""
    return [
        construct.node.id.removeprefix(PREFIX)
        for stack in stacks
        for construct in stack.node.find_all()
        if isinstance(construct, cloudwatch.Alarm)
    ]
