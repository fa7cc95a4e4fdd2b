"""Interactive Brokers for this function; imported when an account there is read, and not before."""

import uuid
from functools import lru_cache

from shared.investing.brokers.ibkr_custody import IbkrCustody
from shared.investing.brokers.ibkr_session import SessionStore
from shared.platform.ibkr_wire import IbkrWire
from shared.platform.runtime import Runtime


@lru_cache(maxsize=2)
def ibkr_custody(base_url: str, token: str, platform: Runtime) -> IbkrCustody:
    """Accounts there; the connection stays with the process."""
    sessions = SessionStore(platform.database, platform.clock, lambda: uuid.uuid4().hex)
    return IbkrCustody(IbkrWire(base_url, token), sessions)
