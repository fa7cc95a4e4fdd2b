"""Which format a bank's file has."""

from shared.reconciliation.bank import BankStatement
from shared.reconciliation.providers.camt import read_camt
from shared.reconciliation.providers.mt940_statement import read_mt940


def read_bank_file(content: bytes) -> BankStatement:
    """CAMT.053 is XML and MT940 is not. StatementRefused for what is neither."""
    start = content[:64].lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n\x00")
    return read_camt(content) if start.startswith(b"<") else read_mt940(content)
