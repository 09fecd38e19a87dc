"""What is said of annotators: figures with intervals or reasons, names only where wanted."""

from __future__ import annotations

import json
from itertools import combinations
from pathlib import Path

import pytest

from curation.adjudication import LAYERS, ballots_of, fit_competence
from curation.agreement.measure import measure_agreement
from curation.annotators import AnnotatorFigures, AnnotatorsPage, Figure, anonymous
from curation.annotators.figures import pseudonyms
from curation.model import AnnotationSet, Document
from curation.report.annotators import render_annotators
from curation.settings import Annotator, Settings
from curation.store import Store, open_store
from curation.testing import annotation_set
from curation.workflows.adjudicate import adjudicate_store
from curation.workflows.annotators import read_annotators

AT = "2024-05-01T12:00:00+00:00"
TEXT = "Anna Berg met Peter Lind in Oslo."  # 7 words
RULES = dict.fromkeys(LAYERS, ("majority",))
EVERYTHING = [("Anna Berg", "PER"), ("Peter Lind", "PER"), ("Oslo", "LOC")]
MET = [("met", "CONSULT", {"Actor": "Anna Berg"})]


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """An empty store."""
    return open_store(f"sqlite:///{tmp_path / 'curation.db'}")


def settings_of(tmp_path: Path, *names: str) -> Settings:
    """A workspace of those annotators."""
    people = tuple(Annotator(name=n, email=f"{n}@example.org") for n in names)
    return Settings(folder=tmp_path, id="abcd", name="Test", annotators=people)


def fill(store: Store, documents: int, **said: list[tuple[str, str]]) -> None:
    """So many documents, in each of which everybody says the same as in the others."""
    with store.transaction() as repo:
        for number in range(documents):
            uid = f"d{number:02}"
            repo.add_document(Document(uid=uid, language="en", text=TEXT), offset_map=[], at=AT)
            for name, entities in said.items():
                one = annotation_set(TEXT, entities, MET, uid=uid, annotator=name)
                more = {"lead_time": 60.0 + number, "assisted": number % 2 == 0}
                repo.save_annotations(one.model_copy(update={"provenance": more}), at=AT)


def page_of(store: Store, settings: Settings, **more: int) -> AnnotatorsPage:
    """The page, with few resamples."""
    options = {"resamples": 50, "refits": 10} | more
    return read_annotators(store, settings, rules=RULES, **options)


def by_name(page: AnnotatorsPage) -> dict[str, AnnotatorFigures]:
    """The figures of each annotator."""
    return {one.annotator: one for one in page.annotators}


def by_layer(figures: tuple[Figure, ...]) -> dict[str, Figure]:
    """The figures of each layer."""
    return {figure.layer: figure for figure in figures}


def sets_of(store: Store) -> list[AnnotationSet]:
    """All that people say."""
    with store.transaction() as repo:
        return list(repo.annotation_sets("person"))


def test_agreement_is_that_of_the_pairs(store: Store, tmp_path: Path) -> None:
    """The mean over the others of the very F1 that `curation agreement` gives for each pair."""
    fill(
        store,
        6,
        anna=EVERYTHING,
        ben=EVERYTHING[:2],
        cara=[("Anna Berg", "ORG"), ("Peter Lind", "PER"), ("Oslo", "LOC")],
    )
    page = page_of(store, settings_of(tmp_path, "anna", "ben", "cara"))
    pairs = {
        frozenset((p.annotator_a, p.annotator_b)): p.estimate.value
        for p in measure_agreement(sets_of(store), resamples=1).pairs
        if p.estimate.name == "f1(layer=entities,match=exact)"
    }
    assert pairs[frozenset(("anna", "ben"))] == pytest.approx(0.8)  # 2 of 3 and 2
    for name, one in by_name(page).items():
        mine = [value for pair, value in pairs.items() if name in pair]
        found = by_layer(one.others)["entities"]
        assert found.value == pytest.approx(sum(mine) / 2)
        assert found.n_documents == 6
        assert found.ci is not None
        assert by_layer(one.others)["events"].value == 1.0


def test_gold_is_told_with_and_without_own_votes(store: Store, tmp_path: Path) -> None:
    """One alone says ORG: gold has PER by majority; without ben the other two leave that open."""
    odd = [("Anna Berg", "ORG"), *EVERYTHING[1:]]
    fill(store, 6, anna=EVERYTHING, ben=EVERYTHING, cara=odd)
    adjudicate_store(store, rules=RULES, min_annotators=2, at=AT)
    found = by_name(page_of(store, settings_of(tmp_path)))
    gold = {name: by_layer(one.gold)["entities"].value for name, one in found.items()}
    assert gold == {"anna": 1.0, "ben": 1.0, "cara": pytest.approx(2 / 3)}
    without = {name: by_layer(one.gold_without)["entities"] for name, one in found.items()}
    assert without["cara"].value == pytest.approx(2 / 3)
    ben = without["ben"]  # on two of three entities the others agree, six times
    assert (ben.value, ben.n, ben.left_out) == (1.0, 12, 6)


def test_open_positions_count_for_nobody(store: Store, tmp_path: Path) -> None:
    """What two dispute is not held against either of them: gold has not decided it."""
    odd = [("Anna Berg", "ORG"), *EVERYTHING[1:]]
    fill(store, 6, anna=EVERYTHING, ben=odd)
    adjudicate_store(store, rules=RULES, min_annotators=2, at=AT)
    for one in page_of(store, settings_of(tmp_path)).annotators:
        found = by_layer(one.gold)["entities"]
        assert (found.value, found.n, found.left_out) == (1.0, 12, 6)


def test_competence_is_the_fitted_one(store: Store, tmp_path: Path) -> None:
    """The value is that of adjudication, in an interval that holds it."""
    fill(store, 25, anna=EVERYTHING, ben=EVERYTHING, cara=EVERYTHING[:2])
    documents: dict[str, list[AnnotationSet]] = {}
    for one in sets_of(store):
        documents.setdefault(one.uid, []).append(one)
    fitted = fit_competence(b for said in documents.values() for b in ballots_of(said).entities)
    assert fitted is not None
    for one in page_of(store, settings_of(tmp_path)).annotators:
        figure = by_layer(one.competence)["entities"]
        assert figure.value == fitted.accuracy()[one.annotator]
        assert figure.ci is not None
        assert figure.ci[0] <= figure.value <= figure.ci[1]
        assert figure.ci_method == "bootstrap"


def test_a_lone_annotator_has_reasons_for_numbers(store: Store, tmp_path: Path) -> None:
    """Nothing that needs others has a value, and each says why; work and pace are told."""
    fill(store, 6, anna=EVERYTHING)
    (anna,) = page_of(store, settings_of(tmp_path, "anna")).annotators
    assert {(f.value, f.ci, f.reason) for f in anna.others} == {(None, None, "no other annotator")}
    assert {(f.value, f.reason) for f in anna.gold} == {(None, "no gold")}
    alone = {(None, "fewer than three annotators")}
    assert {(f.value, f.reason) for f in (*anna.gold_without, *anna.competence)} == alone
    assert (anna.done, anna.words, anna.suggestions) == (6, 42, ())
    assert anna.pace["assisted"].n == 3


def test_few_documents_have_no_figure(store: Store, tmp_path: Path) -> None:
    """Below five documents there is no number, and below five tasks no pace."""
    fill(store, 4, anna=EVERYTHING, ben=EVERYTHING, cara=EVERYTHING)
    adjudicate_store(store, rules=RULES, min_annotators=2, at=AT)
    for one in page_of(store, settings_of(tmp_path)).annotators:
        figures = (*one.others, *one.gold, *one.gold_without, *one.competence)
        assert {(f.value, f.reason) for f in figures} == {(None, "too few documents")}
        assert one.pace["assisted"].seconds is None
        assert one.pace["assisted"].reason == "too few tasks"


def test_pace_is_told_apart_by_suggestions(store: Store, tmp_path: Path) -> None:
    """Median and quartiles of seconds, and of words a minute, with and without suggestions."""
    fill(store, 11, anna=EVERYTHING)
    (anna,) = page_of(store, settings_of(tmp_path)).annotators
    assisted = anna.pace["assisted"]  # 60, 62, … 70 seconds
    assert assisted.seconds is not None
    assert assisted.words_per_minute is not None
    assert (assisted.n, assisted.seconds.q1, assisted.seconds.median) == (6, 62.5, 65.0)
    assert assisted.words_per_minute.q3 == pytest.approx(60 * 7 / 62.5, rel=1e-3)
    assert anna.pace["unassisted"].n == 5
    assert anna.assisted == 6


def test_suggestions_are_kept_changed_removed_added(store: Store, tmp_path: Path) -> None:
    """Shares of what was suggested, and what was added of what was handed in."""
    fill(store, 6)
    suggested = [("Anna Berg", "PER"), ("Peter Lind", "ORG"), ("met", "LOC")]
    with store.transaction() as repo:
        for number in range(6):
            uid = f"d{number:02}"
            model = annotation_set(TEXT, suggested, uid=uid, annotator="m-1", kind="model")
            repo.save_annotations(model, at=AT)
            made = annotation_set(TEXT, EVERYTHING, uid=uid, annotator="anna")
            origins = ("prediction", "prediction-changed", "manual")
            entities = tuple(
                e.model_copy(update={"origin": origin})
                for e, origin in zip(made.entities, origins, strict=True)
            )
            repo.save_annotations(made.model_copy(update={"entities": entities}), at=AT)
    (anna,) = page_of(store, settings_of(tmp_path)).annotators
    found = next(s for s in anna.suggestions if s.layer == "entities")
    assert (found.kept, found.changed, found.removed, found.added) == (6, 6, 6, 6)
    assert {fate: share.value for fate, share in found.shares.items()} == pytest.approx(
        dict.fromkeys(("kept", "changed", "removed", "added"), 1 / 3)
    )
    assert found.n_documents == 6


def test_annotators_come_by_name(store: Store, tmp_path: Path) -> None:
    """Whoever is configured or did something, in the order of names, not of figures."""
    fill(store, 5, cara=EVERYTHING, anna=EVERYTHING[:1])
    page = page_of(store, settings_of(tmp_path, "zoe", "ben"))
    assert [one.annotator for one in page.annotators] == ["anna", "ben", "cara", "zoe"]
    assert (by_name(page)["zoe"].done, by_name(page)["zoe"].others[0].value) == (0, None)


def test_the_same_seed_gives_the_same_page(store: Store, tmp_path: Path) -> None:
    """Also where only some of the documents are read, which the page says."""
    fill(store, 30, anna=EVERYTHING, ben=EVERYTHING[:2], cara=EVERYTHING[:1])
    settings = settings_of(tmp_path)
    first = page_of(store, settings, most=10)
    assert first == page_of(store, settings, most=10)
    assert first.read == (10, 30)
    assert by_name(first)["anna"].done == 30
    assert by_layer(by_name(first)["anna"].others)["entities"].n_documents == 10


NAMES = (
    "Žofia Nováková",
    "benedikta@example.org",
    "</script><img src=x onerror=alert(1)>",
    "=cmd|' /C calc'!A0",
)


def filled_with_names(store: Store, tmp_path: Path) -> tuple[AnnotatorsPage, Settings]:
    """Annotators whose names are known, hostile or no names at all."""
    fill(store, 6, **dict.fromkeys(NAMES, EVERYTHING))
    with store.transaction() as repo:
        for uid, (a, _b) in zip(repo.uids(), combinations(NAMES, 2), strict=False):
            one = annotation_set(TEXT, EVERYTHING, uid=uid, annotator=a)
            link = {"url": f"http://127.0.0.1:8080/projects/7/data?task=9&by={a}", "lead_time": 9.0}
            repo.save_annotations(one.model_copy(update={"provenance": link}), at=AT)
    settings = settings_of(tmp_path)
    return page_of(store, settings), settings


def test_anonymous_tells_nobody(store: Store, tmp_path: Path) -> None:
    """No name, e-mail, link, title or folder that gives one away, in JSON as in HTML."""
    page, settings = filled_with_names(store, tmp_path)
    hidden = anonymous(page, secret=settings.id)
    told = json.dumps(hidden.to_json(), ensure_ascii=False)
    html = render_annotators(hidden, title="Žofia's news")
    for text in (told, html):
        for name in (*NAMES, "Nov", "onerror", "example.org", "127.0.0.1", str(tmp_path)):
            assert name not in text
        assert "annotator A" in text
    assert "Žofia" not in html
    assert [a.annotator for a in hidden.annotators] == [f"annotator {x}" for x in "ABCD"]


def test_letters_hang_on_the_workspace_and_the_seed() -> None:
    """The same ones give the same letters; over several, a name has several letters."""
    known = [pseudonyms(NAMES, secret=f"workspace {n}", seed=0) for n in range(20)]
    assert known[0] == pseudonyms(reversed(NAMES), secret="workspace 0", seed=0)
    assert known[0] != pseudonyms(NAMES, secret="workspace 0", seed=1)
    assert {letters[NAMES[0]] for letters in known} == {f"annotator {x}" for x in "ABCD"}


def test_there_are_letters_for_many() -> None:
    """After Z come AA and AB, each once."""
    letters = pseudonyms([f"person {n}" for n in range(30)], secret="w", seed=0)
    assert sorted(letters.values(), key=lambda x: (len(x), x))[24:28] == [
        "annotator Y", "annotator Z", "annotator AA", "annotator AB",
    ]  # fmt: skip


def test_hostile_names_do_nothing_in_html(store: Store, tmp_path: Path) -> None:
    """A name that is markup stands there as text, one that is a formula gets an apostrophe."""
    page, _settings = filled_with_names(store, tmp_path)
    html = render_annotators(page, title="<b onclick=x>News</b>")
    assert "<img" not in html
    assert "<b " not in html
    assert html.count("</script>") == 1
    assert "&lt;img src=x onerror=alert(1)&gt;" in html
    assert "%27%3Dcmd" in html


def test_the_page_shows_every_share_with_its_interval(store: Store, tmp_path: Path) -> None:
    """What became of suggestions is one table; reasons stand where there is no number."""
    fill(store, 6, anna=EVERYTHING, ben=EVERYTHING[:1])
    with store.transaction() as repo:
        for uid in repo.uids():
            model = annotation_set(TEXT, EVERYTHING, uid=uid, annotator="m-1", kind="model")
            repo.save_annotations(model, at=AT)
            made = annotation_set(TEXT, EVERYTHING[:2], uid=uid, annotator="ben")
            kept = tuple(e.model_copy(update={"origin": "prediction"}) for e in made.entities)
            repo.save_annotations(made.model_copy(update={"entities": kept}), at=AT)
    html = render_annotators(page_of(store, settings_of(tmp_path)), title="News")
    assert "<td>0.667 [0.667, 0.667]</td>" in html
    assert "undefined: no gold" in html
    assert "undefined: fewer than three annotators" in html
    assert "undefined: nothing suggested" in html  # events
    assert "These figures do not say who works well" in html
    assert html == render_annotators(page_of(store, settings_of(tmp_path)), title="News")
