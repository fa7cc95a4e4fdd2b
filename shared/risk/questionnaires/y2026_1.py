"""Questionnaire 2026-1: thirteen questions of willingness, seven of circumstances."""

from shared.risk.model import Questionnaire
from shared.risk.questionnaires.y2026_1_capacity import CAPACITY
from shared.risk.questionnaires.y2026_1_tolerance import TOLERANCE

QUESTIONNAIRE = Questionnaire(
    version="2026-1",
    questions=(*CAPACITY, *TOLERANCE),
    tolerance_bands=(19, 23, 29, 33),
    capacity_bands=(8, 13, 18, 23),
    twins=("split_windfall", "split_savings"),
)
