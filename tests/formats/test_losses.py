"""The loss certificate: a balance that must add up."""

from __future__ import annotations

import json

import pytest

from curation.formats.losses import Loss, LossCertificate, LossReason


def loss(reason: LossReason, item: str = "T1") -> Loss:
    """A loss with this reason."""
    return Loss("a", "anna", item, reason, 0, 4, "why")


def test_dropped_spans_make_up_the_difference() -> None:
    """Spans in are spans out and spans dropped; what is moved or no span is not counted."""
    losses = (loss("overlap"), loss("moved"), loss("flattened"), loss("argument"), loss("unseen"))
    certificate = LossCertificate("iob2", spans_in=5, spans_out=4, losses=losses)
    assert certificate.dropped == 1


def test_a_balance_that_does_not_add_up_is_not_issued() -> None:
    """An exporter that lost a span without listing it fails at once."""
    with pytest.raises(ValueError, match="iob2: 5 spans in, 4 out, 0 dropped"):
        LossCertificate("iob2", spans_in=5, spans_out=4, losses=(loss("moved"),))


def test_counts_by_reason_leave_out_what_does_not_occur() -> None:
    """Reasons are counted in one order, whatever order the losses have."""
    losses = (loss("moved"), loss("unaligned"), loss("moved", "T2"))
    certificate = LossCertificate("spacy", spans_in=3, spans_out=2, losses=losses)
    assert list(certificate.by_reason.items()) == [("unaligned", 1), ("moved", 2)]


def test_the_certificate_is_json() -> None:
    """The certificate can be written beside the data."""
    certificate = LossCertificate(
        "iob2", spans_in=1, spans_out=0, losses=(loss("not_carried", "E1"),)
    )
    assert json.loads(json.dumps(certificate.to_json())) == {
        "format": "iob2",
        "spans_in": 1,
        "spans_out": 0,
        "dropped": 1,
        "by_reason": {"not_carried": 1},
        "losses": [
            {
                "uid": "a",
                "annotator": "anna",
                "item": "E1",
                "reason": "not_carried",
                "start": 0,
                "end": 4,
                "detail": "why",
            }
        ],
    }
