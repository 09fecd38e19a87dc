"""`spacy train` on the DocBin export, as users run it, and what the model has learned."""

from __future__ import annotations

import random
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from curation.formats.registry import EXPORTERS
from curation.model import Document, Record
from curation.testing import annotation_set

NAMES = {
    "PER": ["Anna Berg", "Peter Lind", "Maria Novak", "John Smith", "Eva Holm", "Tom Dahl"],
    "LOC": ["Oslo", "Cairo", "New York", "Bratislava", "Lund", "Rotterdam"],
    "ORG": ["Red Cross", "World Bank", "Acme Group", "Nord Press"],
}
FRAMES = [
    "{PER} of {ORG} flew to {LOC} on Monday, officials said.",
    "In {LOC}, minister {PER} met reporters after a long day of talks.",
    "{ORG} will open an office in {LOC} next year, according to {PER}.",
]
CONFIG = """
[paths]
train = null
dev = null
[system]
seed = 0
[nlp]
lang = "en"
pipeline = ["ner"]
[components]
[components.ner]
factory = "ner"
[components.ner.model]
@architectures = "spacy.TransitionBasedParser.v2"
state_type = "ner"
extra_state_tokens = false
hidden_width = 32
maxout_pieces = 2
use_upper = true
nO = null
[components.ner.model.tok2vec]
@architectures = "spacy.HashEmbedCNN.v2"
pretrained_vectors = null
width = 48
depth = 2
embed_size = 1000
window_size = 1
maxout_pieces = 2
subword_features = true
[corpora]
[corpora.train]
@readers = "spacy.Corpus.v1"
path = ${paths.train}
[corpora.dev]
@readers = "spacy.Corpus.v1"
path = ${paths.dev}
[training]
train_corpus = "corpora.train"
dev_corpus = "corpora.dev"
max_steps = 80
eval_frequency = 80
seed = 0
"""


def records(count: int, seed: int) -> list[Record]:
    """Sentences with a person, a place and an organisation each."""
    rng = random.Random(seed)
    found = []
    for number in range(count):
        uid, chosen = f"{seed}-{number}", {label: rng.choice(n) for label, n in NAMES.items()}
        frame = rng.choice(FRAMES)
        said = [(name, label) for label, name in chosen.items() if f"{{{label}}}" in frame]
        text = frame.format(**chosen)
        found.append(
            Record(
                document=Document(uid=uid, language="en", text=text),
                annotations=annotation_set(text, said, uid=uid),
            )
        )
    return found


@pytest.mark.slow
def test_spacy_train_beats_the_majority_baseline(tmp_path: Path) -> None:
    """After 80 steps on one part, entities of the other are found, far beyond the common tag."""
    import spacy
    from spacy.tokens import DocBin

    for part, count, seed in (("train", 150, 1), ("dev", 40, 2)):
        made = records(count, seed)
        certificate = EXPORTERS["spacy"].export(made, tmp_path / f"{part}.spacy", "strict")
        assert (certificate.spans_in, certificate.losses) == (certificate.spans_out, ())
    (tmp_path / "config.cfg").write_text(CONFIG)
    filled = [sys.executable, "-m", "spacy", "init", "fill-config", "config.cfg", "full.cfg"]
    train = [
        *(sys.executable, "-m", "spacy", "train", "full.cfg", "--output", "model"),
        *("--paths.train", "train.spacy", "--paths.dev", "dev.spacy"),
    ]
    for command in (filled, train):
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
    nlp = spacy.load(tmp_path / "model" / "model-last")
    gold = list(DocBin().from_disk(tmp_path / "dev.spacy").get_docs(nlp.vocab))
    assert sum(len(doc.ents) for doc in gold) == certificate.spans_in
    right, said, tags, hits = 0, 0, Counter[str](), 0
    for doc in gold:
        found = nlp(doc.text)
        wanted = {(e.start_char, e.end_char, e.label_) for e in doc.ents}
        told = {(e.start_char, e.end_char, e.label_) for e in found.ents}
        right, said = right + len(wanted & told), said + len(told)
        tags.update(token.ent_type_ for token in doc)
        hits += sum(a.ent_type_ == b.ent_type_ for a, b in zip(doc, found, strict=True))
    majority = tags.most_common(1)[0][1] / tags.total()
    assert hits / tags.total() > majority + 0.1
    assert 2 * right / (said + certificate.spans_in) > 0.7
