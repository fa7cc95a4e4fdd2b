"""The check digit of card numbers: ISO/IEC 7812-1, annex B."""


def check_digit_fits(digits: str) -> bool:
    """Whether the last digit of an ASCII digit string is the check digit of those before."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        doubled = int(digit) * (1 + place % 2)
        total += doubled - 9 if doubled > 9 else doubled
    return total % 10 == 0
