"""What a person declares to earn."""

from enum import StrEnum


class AnnualIncome(StrEnum):
    """A year's income in US dollars, as the person declares it."""

    UP_TO_10000 = "UP_TO_10000"
    UP_TO_25000 = "UP_TO_25000"
    UP_TO_50000 = "UP_TO_50000"
    UP_TO_100000 = "UP_TO_100000"
    UP_TO_250000 = "UP_TO_250000"
    UP_TO_1000000 = "UP_TO_1000000"
    OVER_1000000 = "OVER_1000000"

    @property
    def minor(self) -> int:
        """The bound that it names, in US cents."""
        return int(self.value.rpartition("_")[2]) * 100
