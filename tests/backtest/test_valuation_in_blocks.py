"""What a benchmark measures is worth what it says: in arrays, in decimals and by the ledger."""

from dataclasses import replace

import numpy as np

from benchmarks.valuation import book, differences, in_blocks, one_by_one


def test_worths_in_blocks_are_those_of_decimals_and_of_the_ledger() -> None:
    found = book(5_000)
    totals, exact, _ = in_blocks(found)
    singles, _ = one_by_one(found, 5_000)
    assert exact.all()
    assert totals.tolist() == singles
    assert differences(found, totals, exact, singles) == 0
    assert ((found.nanos > 0).sum(axis=1) == 12).all()


def test_a_cent_too_much_is_found_by_both_comparisons() -> None:
    found = book(100)
    totals, exact, _ = in_blocks(found)
    singles, _ = one_by_one(found, 100)
    totals[7] += 1
    assert differences(found, totals, exact, singles) == 2
    assert differences(found, totals, exact, []) == 1


def test_what_does_not_fit_into_whole_numbers_of_64_bits_is_said_to_be() -> None:
    found = book(100)
    nanos = found.nanos.copy()
    place = int(np.flatnonzero(nanos[3])[0])
    nanos[3, place] = 2**62
    _, exact, _ = in_blocks(replace(found, nanos=nanos))
    assert exact.tolist() == [row != 3 for row in range(100)]
