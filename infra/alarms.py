"""Alarms: each has a fixed name, by which the monitoring stack collects it."""

from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct

from infra.stages import Stage


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
        f"Alarm-{name}",
        alarm_name=stage.physical_name(name),
        metric=metric,
        threshold=above,
        evaluation_periods=periods,
        comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
        treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
    )
