"""Which types carry what: nothing loose goes in, and no number that computers round comes out."""

from collections.abc import Iterator
from typing import Any

import pytest
from graphql import GraphQLInputObjectType, GraphQLSchema, get_named_type

from graphql_api.schema import graphql_schema, session_schema

SCHEMAS: list[GraphQLSchema] = [
    build(introspection=False)._schema for build in (graphql_schema, session_schema)
]
COUNTS_IN = {
    "ChangeGoalInput.score",
    "ChangeRoundUpsInput.multiplier",
    "CreateGoalInput.score",
    "CreateRecurringDepositInput.day",
    "ProposeStrategyInput.score",
    "Query.goalProjection.probability",
    "Query.realisedGains.year",
    "RequestKycUploadInput.sizeBytes",
    "StartRoundUpsInput.multiplier",
    "SubmitRiskProfileInput.chosen",
    "ReconciliationContent.lines.skip",
    "Strategies.versions.score",
    "StrategyWeightInput.weightBp",
    "UpdateTaxSettingsInput.longTermBp",
    "UpdateTaxSettingsInput.shortTermBp",
    "UpdateTaxSettingsInput.version",
}
"""Whole numbers that are counts, each bounded by its use case; pages' ``first`` is the third."""
COUNTS_OUT = {
    "AccruedManagementFee.days",
    "AccruedManagementFee.unpricedDays",
    "AccruedManagementFee.waivedDays",
    "ManagementFee.days",
    "ManagementFee.termsVersion",
    "ManagementFee.waivedDays",
    "ManagementFeeTerms.version",
    "BrokerReport.accepted",
    "BrokerReport.agreed",
    "BrokerReport.differs",
    "BrokerReport.underWay",
    "BrokerReport.unread",
    "Conversion.spreadBasisPoints",
    "CorporateActionRun.booked",
    "CorporateActionRun.waiting",
    "DepositQuote.spreadBasisPoints",
    "Goal.effectiveScore",
    "Goal.equityBp",
    "Goal.score",
    "GoalProjection.paths",
    "GoalProjection.wishedProbability",
    "HeldCase.attempts",
    "HeldWithdrawal.approvalsNeeded",
    "JournalEntry.seq",
    "KycCase.attemptsLeft",
    "MarkNotificationsReadPayload.marked",
    "PasswordPolicy.minimumLength",
    "Person.sessions",
    "ProjectedWorth.months",
    "RealisedGains.year",
    "TaxSettings.chosenLongTermBp",
    "TaxSettings.chosenShortTermBp",
    "TaxSettings.longTermBp",
    "TaxSettings.shortTermBp",
    "TaxSettings.version",
    "TaxSettings.washSaleDays",
    "ProjectionAssumptions.deviationBp",
    "ProjectionAssumptions.feeBp",
    "ProjectionAssumptions.inflationBp",
    "ProjectionAssumptions.returnBp",
    "ProjectionAssumptions.version",
    "ReconciliationReport.amountDiffers",
    "ReconciliationReport.matched",
    "ReconciliationReport.missingHere",
    "ReconciliationReport.missingThere",
    "ReconciliationReport.unknownCount",
    "ReconciliationReport.version",
    "RecurringDeposit.day",
    "RecurringOccurrence.attempt",
    "RiskAssessment.allowed",
    "RiskAssessment.capacity",
    "RiskAssessment.horizonCap",
    "RiskAssessment.score",
    "RiskAssessment.tolerance",
    "RiskDecision.ruleTable",
    "RiskProfile.score",
    "RoundUpTransfer.number",
    "RoundUps.multiplier",
    "StatementLine.ageDays",
    "StrategyImpact.peopleAffected",
    "StrategyImpact.peopleUnpriced",
    "StrategyImpact.peopleWithoutTarget",
    "StrategyImpact.sampled",
    "StrategyImpact.seen",
    "StrategyProposal.score",
    "StrategyProposal.version",
    "StrategyTrades.ordersCount",
    "StrategyVersion.equityBp",
    "StrategyVersion.score",
    "StrategyVersion.version",
    "StrategyWeight.weightBp",
    "StrategyWeightChange.afterBp",
    "StrategyWeightChange.beforeBp",
    "UnknownPayment.ageDays",
    "WithdrawalQuote.spreadBasisPoints",
    "MoneyAlert.ruleVersion",
}
"""Whole numbers that are counts, scores and places; never money."""


def _inputs() -> Iterator[tuple[str, Any]]:
    for schema in SCHEMAS:
        for name, kind in schema.type_map.items():
            if name.startswith("__"):
                continue
            if isinstance(kind, GraphQLInputObjectType):
                for field_name, field in kind.fields.items():
                    yield f"{name}.{field_name}", field.type
            for field_name, field in getattr(kind, "fields", {}).items():
                for argument_name, argument in getattr(field, "args", {}).items():
                    yield f"{name}.{field_name}.{argument_name}", argument.type


def _outputs() -> Iterator[tuple[str, Any]]:
    for schema in SCHEMAS:
        for name, kind in schema.type_map.items():
            if not name.startswith("__") and not isinstance(kind, GraphQLInputObjectType):
                for field_name, field in getattr(kind, "fields", {}).items():
                    yield f"{name}.{field_name}", field.type


def test_no_input_takes_any_text_any_id_or_a_binary_fraction() -> None:
    loose = [
        name for name, kind in _inputs() if get_named_type(kind).name in ("String", "ID", "Float")
    ]
    assert loose == []


def test_whole_numbers_that_are_taken_are_these() -> None:
    whole = {name for name, kind in _inputs() if get_named_type(kind).name == "Int"}
    assert {name for name in whole if not name.endswith(".first")} == COUNTS_IN


def test_whole_numbers_that_are_answered_are_these_and_none_is_money() -> None:
    whole = {name for name, kind in _outputs() if get_named_type(kind).name == "Int"}
    assert whole == COUNTS_OUT


def test_no_answer_has_a_binary_fraction_or_an_id_of_no_kind() -> None:
    for schema in SCHEMAS:
        assert not {"Float", "ID"} & set(schema.type_map)


@pytest.mark.parametrize(
    "word", ["amount", "price", "value", "balance", "quantity", "rate", "cash"]
)
def test_what_is_called_like_money_has_an_exact_type(word: str) -> None:
    exact = {"Amount", "Quantity", "Price", "Rate", "Fraction", "Money", "AssetPrice"}
    named = {
        name: get_named_type(kind).name
        for name, kind in _outputs()
        if name.rpartition(".")[2].lower().endswith(word)
    }
    # Pairs of a name and a plain value, such as the fields of an upload form.
    texts = {"CheckValue.value", "FormField.value", "MemoValue.value"}
    assert {name: kind for name, kind in named.items() if kind not in exact}.keys() <= texts
