"""Resampling documents."""

import math

import numpy as np
import pytest

from curation.agreement.intervals import TOO_FEW_DOCUMENTS, Resampler, jackknife_t
from curation.agreement.tables import f1_score


def _mean(sums):
    return sums[..., 0] / sums[..., 1]


def _table(values):
    return np.array([[value, 1.0] for value in values])


def test_jackknife_of_a_mean_is_the_t_interval():
    """For a mean the jackknife error is s/√n: mean 3, s² 2.5, n 5, t(4) 2.776."""
    interval = jackknife_t(_table([1, 2, 3, 4, 5]), lambda sums: _mean(sums) / 10)
    reach = 2.7764451 * math.sqrt(2.5 / 5) / 10
    assert interval.bounds == pytest.approx((0.3 - reach, 0.3 + reach))
    assert interval.method == "jackknife-t"


def test_jackknife_is_clipped_to_what_the_score_can_be():
    """An F1 has no interval below 0 or above 1."""
    table = np.array([[1.0, 1, 1]] * 5 + [[0.0, 1, 1]])
    assert jackknife_t(table, f1_score, low=0.0).bounds == (
        pytest.approx((5 - 2.570582) / 6),
        1.0,
    )


@pytest.mark.parametrize(
    ("documents", "method"),
    [(4, None), (5, "jackknife-t"), (19, "jackknife-t"), (20, "bootstrap")],
)
def test_the_method_goes_by_the_number_of_documents(documents, method):
    """Below 5 none, below 20 jackknife, else bootstrap."""
    table = _table([0.1 * (i % 7) for i in range(documents)])
    interval = Resampler(resamples=200).interval(table, _mean)
    assert interval.method == method
    assert (interval.reason == TOO_FEW_DOCUMENTS) == (method is None)
    assert (interval.bounds is None) == (method is None)


def test_the_seed_decides_the_interval():
    """Same seed, same interval; another seed, another one."""
    table = _table([0.01 * i * i for i in range(10)] * 3)
    first, again, other = (
        Resampler(seed, resamples=300).interval(table, _mean).bounds for seed in (1, 1, 2)
    )
    assert first == again
    assert first != other


def test_bootstrap_of_a_mean_is_near_its_normal_interval():
    """400 documents of 0 and 1: .5 ± 1.96 · .5 / 20."""
    bounds = Resampler(resamples=4000).interval(_table([0, 1] * 200), _mean).bounds
    assert bounds == pytest.approx((0.451, 0.549), abs=0.004)


def test_undefined_resamples_are_dropped_and_counted():
    """Resamples that miss the only document with items are left out, and said."""
    table = np.array([[1.0, 1, 1]] + [[0.0, 0, 0]] * 19)
    interval = Resampler(resamples=2000).interval(table, f1_score, 0.0)
    assert interval.bounds == (1.0, 1.0)
    assert interval.dropped == pytest.approx(2000 * 0.95**20, abs=80)


def test_all_undefined_is_no_interval():
    """A score that is nowhere defined has a reason instead of an interval."""
    interval = Resampler(resamples=50).interval(np.zeros((20, 3)), f1_score)
    assert (interval.bounds, interval.reason) == (None, "undefined in resamples")
    assert interval.dropped == 50


def test_chunked_draws_are_the_same_as_long_ones(monkeypatch):
    """Drawing in pieces, to save memory, draws the same."""
    whole = Resampler(3, 60).interval(_table(range(30)), _mean)
    monkeypatch.setattr("curation.agreement.intervals._CHUNK", 7 * 30)
    assert Resampler(3, 60).interval(_table(range(30)), _mean) == whole
