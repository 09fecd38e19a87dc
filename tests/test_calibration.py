"""Expected calibration error by hand."""

from __future__ import annotations

import pytest

from curation.calibration import expected_calibration_error


def test_error_by_hand() -> None:
    """Two of four right at 0.9 is off by 0.4, one of two at 0.5 by nothing: 4/6 of 0.4."""
    found = expected_calibration_error(
        [(0.9, True), (0.9, False), (0.9, True), (0.9, False), (0.5, True), (0.5, False)]
    )
    assert found["ece"] == pytest.approx(4 / 6 * 0.4)
    assert found["n"] == 6
    assert [(b["low"], b["n"], b["right"]) for b in found["bins"]] == [(0.5, 2, 1), (0.9, 4, 2)]


def test_certainty_is_in_the_last_bin() -> None:
    """A score of 1 that is right every time is off by nothing."""
    found = expected_calibration_error([(1.0, True), (0.95, True)])
    assert [(b["high"], b["n"]) for b in found["bins"]] == [(1.0, 2)]
    assert found["ece"] == pytest.approx(0.025)


def test_nothing_scored_is_undefined() -> None:
    """Without outcomes there is no error, which is not an error of zero."""
    assert expected_calibration_error([]) == {"ece": None, "n": 0, "bins": []}
