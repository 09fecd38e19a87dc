"""From Documents to AnnotationSets: order, failures, provenance, odd texts."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import spacy
from spacy.language import Language
from spacy.tokens import Doc

from curation.errors import UsageError
from curation.model import AnnotationSet, Document, Entity
from curation.ontology import Ontology
from curation.preannotate.documents import Failure, annotate, task_score
from curation.preannotate.pipeline import load_pipeline, pipeline_name
from curation.preannotate.tokenizing import make_doc

Load = Callable[..., Language]


def document(uid: str, text: str, language: str = "en", **more: Any) -> Document:
    """A Document of a test."""
    return Document(uid=uid, language=language, text=text, **more)


def one(found: list[AnnotationSet | Failure]) -> AnnotationSet:
    """The only result, which is no failure."""
    (result,) = found
    assert isinstance(result, AnnotationSet)
    return result


def test_results_come_in_input_order_across_languages(rules_of: Load) -> None:
    """Documents are grouped by language inside, and given back in order."""
    languages = ["en", "sk", "en", "nl", "sk", "en", "sv"] * 3
    documents = [document(f"d{i}", "Text.", lang) for i, lang in enumerate(languages)]
    found = list(annotate(documents, load=rules_of, batch_size=2))
    assert [f.uid for f in found] == [d.uid for d in documents]


def test_documents_are_read_as_needed(rules_of: Load) -> None:
    """No more than four batches are taken from the input before the first result."""
    taken = []

    def documents() -> Any:
        for i in range(100):
            taken.append(i)
            yield document(f"d{i}", "Text.")

    next(iter(annotate(documents(), load=rules_of, batch_size=2)))
    assert len(taken) == 8


def test_a_document_that_fails_is_named_and_the_rest_go_on() -> None:
    """A pipeline that raises gives a Failure with a reason of one line."""

    def brittle(doc: Doc) -> Doc:
        if "bad" in doc.text:
            raise RuntimeError("no luck\nwith this one")
        return doc

    if not Language.has_factory("brittle"):
        Language.component("brittle", func=brittle)
    nlp = spacy.blank("en")
    nlp.add_pipe("brittle")
    documents = [document("a", "good"), document("b", "bad"), document("c", "good")]
    found = list(annotate(documents, load=lambda *_, **__: nlp))
    assert [type(f).__name__ for f in found] == ["AnnotationSet", "Failure", "AnnotationSet"]
    assert found[1] == Failure("b", "RuntimeError: no luck")


def test_a_set_is_sound_and_says_where_it_is_from(rules_of: Load, news: Ontology) -> None:
    """Ids, offsets, scores and components are there; dates are resolved in the provenance."""
    text = "😀 On Tuesday the rebels attacked."
    given = [document("d", text, published="2023-09-29")]
    found = one(list(annotate(given, load=rules_of)))
    assert list(found.problems(text)) == []
    assert list(news.problems(found)) == []
    assert found.kind == "model"
    (date,), (event,) = found.entities, found.events
    assert (text[date.start : date.end], date.component) == ("Tuesday", "curation_dates")
    assert text[event.trigger.start : event.trigger.end] == "attacked"
    assert (event.id, event.component) == ("E1", "curation_triggers")
    assert [(a.role, a.target) for a in event.arguments] == [("Date", "T1")]
    assert found.provenance["dates"] == {"T1": {"value": "2023-09-26", "precision": "day"}}


@pytest.mark.parametrize("language", ["en", "sk", "de", "ar", "zh", "ja", "no", "en-GB", "xyz"])
@pytest.mark.parametrize("text", ["", " \n\t", "😀", "x"])
def test_odd_texts_and_languages_give_empty_sets(text: str, language: str) -> None:
    """Nothing to say is said with empty lists, in any language."""
    found = one(list(annotate([document("d", text, language)])))
    assert (found.events, list(found.problems(text))) == ((), [])


def test_a_long_document_takes_a_time_in_proportion(rules_of: Load) -> None:
    """A document of a megabyte passes through the rules."""
    sentence = "On 3 May 2021 the rebels attacked the town and the talks failed. "
    text = sentence * (1_000_000 // len(sentence))
    found = one(list(annotate([document("d", text)], load=rules_of)))
    assert len(found.events) == 2 * (1_000_000 // len(sentence))


def test_a_missing_package_is_named_with_those_that_are_there() -> None:
    """A pipeline that is not there is a UsageError one can act on."""
    with pytest.raises(UsageError, match="no pipeline 'no_such': accurate and fast come along"):
        load_pipeline("en", pipeline="no_such")


def test_a_package_of_ones_own_has_its_labels_mapped(tmp_path: Path) -> None:
    """Labels are renamed by the map, others are left out, and the name tells the package."""
    nlp = spacy.blank("en")
    ruler = nlp.add_pipe("entity_ruler")
    ruler.add_patterns(
        [{"label": "GPE", "pattern": "Kenya"}, {"label": "MONEY", "pattern": "dollars"}]
    )
    nlp.meta["name"], nlp.meta["version"] = "mine", "1.2.3"
    nlp.to_disk(tmp_path / "mine")
    given = [document("d", "Kenya paid dollars.")]
    found = one(list(annotate(given, pipelines={"en": str(tmp_path / "mine")})))
    assert [(e.label, e.start, e.end) for e in found.entities] == [("LOC", 0, 5)]
    assert found.annotator == "curation-en_mine-1.2.3"


def test_pipelines_are_made_once_and_named() -> None:
    """The same language gives the same object."""
    assert load_pipeline("no") is load_pipeline("nb")
    assert pipeline_name(load_pipeline("nb")).startswith("curation-")


def test_the_least_certain_scores_make_the_task_score() -> None:
    """The mean of the three lowest; 1 where nothing has a score."""
    scores = (0.9, 0.5, 0.1, 0.3)
    entities = tuple(
        Entity(id=f"T{i}", start=i, end=i + 1, label="PER", score=s) for i, s in enumerate(scores)
    )
    assert task_score(AnnotationSet(uid="d", annotator="m", entities=entities)) == pytest.approx(
        0.3
    )
    assert task_score(AnnotationSet(uid="d", annotator="m")) == 1.0


def test_the_package_imports_without_spacy() -> None:
    """`import curation.preannotate` costs nothing."""
    code = "import sys, curation.preannotate; print('spacy' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_a_pipeline_that_met_many_words_is_made_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """SpaCy keeps every word that it meets; what it says is the same after a new start."""
    monkeypatch.setattr("curation.preannotate.pipeline.MOST_WORDS", 50)
    text = "Anna Berg met Peter Lind in Oslo on 3 May 2021. " + " ".join(f"w{i}" for i in range(99))
    before = load_pipeline("en", pipeline="fast")
    first, second = (one(list(annotate([document("d", text)], default="fast"))) for _ in range(2))
    assert first == second
    assert load_pipeline("en", pipeline="fast") is not before


def test_words_that_were_met_are_cut_as_the_tokenizer_cuts_them() -> None:
    """A remembered word has the tokens that spaCy's tokenizer gives it in the text."""
    text = "Mr. Lee didn't pay $5 (U.S. dollars) :) on-site\n\nU.S. e.g. don't 10km. didn't $5 :)"
    plain = spacy.blank("en")
    nlp = spacy.blank("en")
    for _ in range(2):
        assert [t.text for t in make_doc(nlp, text)] == [t.text for t in plain(text)]
