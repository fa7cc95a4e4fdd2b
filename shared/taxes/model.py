"""What a person chose about taxes, and what follows from it and from where they live. Pure."""

from dataclasses import dataclass, replace

from shared.kernel.errors import InvalidValue
from shared.portfolio.lots import LotMethod
from shared.taxes.regimes import NO_REGIME, Regime

WHOLE_BP = 10_000


@dataclass(frozen=True, slots=True)
class Wishes:
    """What a person may choose; None follows the country. Rates in basis points of a gain."""

    method: LotMethod | None = None
    """Which lots a sale closes first."""
    short_bp: int | None = None
    """On what was held for up to one year."""
    long_bp: int | None = None
    """On what was held longer."""


@dataclass(frozen=True, slots=True)
class TaxSettings:
    """A person's wishes; ``version`` 0 before they ever chose."""

    user_id: str
    wishes: Wishes = Wishes()
    version: int = 0

    def changed(self, wishes: Wishes) -> "TaxSettings":
        """With these wishes and no others."""
        return replace(self, wishes=wishes, version=self.version + 1)


@dataclass(frozen=True, slots=True)
class Taxation:
    """How sales are judged from now on; without rates no tax is estimated."""

    method: LotMethod = LotMethod.FIFO
    short_bp: int = 0
    long_bp: int = 0
    wash_days: int = 0
    """So many days around a sale at a loss a purchase makes it a wash sale; 0 where no law says
    so."""


def taxation_of(wishes: Wishes, regime: Regime = NO_REGIME) -> Taxation:
    """Wishes first, then what the country's row says. What the law forbids is nobody's wish."""
    return Taxation(
        method=regime.method if wishes.method is None else wishes.method,
        short_bp=regime.short_bp if wishes.short_bp is None else wishes.short_bp,
        long_bp=regime.long_bp if wishes.long_bp is None else wishes.long_bp,
        wash_days=regime.wash_days,
    )


def check_wishes(wishes: Wishes, regime: Regime) -> None:
    """Raises InvalidValue for a rate that is none, and for lots by tax without rates."""
    for name, points in (("shortTermBp", wishes.short_bp), ("longTermBp", wishes.long_bp)):
        if points is not None and not 0 <= points <= WHOLE_BP:
            raise InvalidValue(field=name, reason="must be 0 to 10000 basis points")
    made = taxation_of(wishes, regime)
    if made.method is LotMethod.MIN_TAX and not (made.short_bp or made.long_bp):
        raise InvalidValue(field="lotMethod", reason="needs a rate of tax to choose lots by")
