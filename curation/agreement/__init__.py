"""Agreement between annotators: measures as pure functions, with intervals.

    report = measure_agreement(sets, languages=languages, text_lengths=lengths)
    report.estimate("f1(layer=entities,match=exact)", label="ORG").value

`exact_f1` gives that one figure alone, and sooner.

`registry` names the measures, `tables` holds the per-document sums that everything is made of,
`intervals` resamples them, `matching` pairs spans, `coefficients` corrects for chance.
"""

from curation.agreement.counts import Counts
from curation.agreement.exact import exact_f1
from curation.agreement.listed import Disagreement
from curation.agreement.measure import measure_agreement
from curation.agreement.registry import Measure, default_measures, parse_measure
from curation.agreement.report import AgreementReport, Estimate, PairEstimate

__all__ = [
    "AgreementReport",
    "Counts",
    "Disagreement",
    "Estimate",
    "Measure",
    "PairEstimate",
    "default_measures",
    "exact_f1",
    "measure_agreement",
    "parse_measure",
]
