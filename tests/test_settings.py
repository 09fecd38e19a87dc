"""curation.toml and the environment."""

from pathlib import Path

import pytest

from curation.errors import WorkspaceError
from curation.settings import Annotator, find_workspace, load_settings
from curation.settings_template import settings_text

PEOPLE = (
    "[workspace]\nid='abcd'\nname='x'\n"
    '[[annotators]]\nname="{}"\nemail="{}"\n[[annotators]]\nname="{}"\nemail="{}"\n'
)
ANNA = Annotator(name="Anna Ž.", email="anna@example.org", languages=("sk",), documents=("sk-*",))


def workspace(folder: Path, text: str | None = None) -> Path:
    """A workspace folder with this curation.toml."""
    made = settings_text(workspace_id="abcd", name='My "own"', annotators=[ANNA])
    (folder / "curation.toml").write_text(made if text is None else text, encoding="utf-8")
    return folder


def test_template_reads_back(tmp_path: Path) -> None:
    """What `init` writes is read back with the same values."""
    settings = load_settings(workspace(tmp_path), {})
    assert (settings.id, settings.name, settings.annotators) == ("abcd", 'My "own"', (ANNA,))
    assert settings.database_url == f"sqlite:///{tmp_path / 'curation.db'}"


def test_byte_order_mark_is_no_setting(tmp_path: Path) -> None:
    """A file that some editor put a byte order mark before is read as without it."""
    assert load_settings(workspace(tmp_path, "\ufeff[workspace]\nid='abcd'\nname='x'"), {}).name


def test_environment_wins(tmp_path: Path) -> None:
    """Database and server come from the environment where it names them."""
    env = {"CURATION_DATABASE_URL": "sqlite:///x.db", "LABEL_STUDIO_URL": "http://ls:1"}
    settings = load_settings(workspace(tmp_path), env)
    assert (settings.database_url, settings.label_studio.url) == ("sqlite:///x.db", "http://ls:1")


@pytest.mark.parametrize("url", ["http://[::1]:8080", "https://ls.example.org/team/x"])
def test_addresses_of_servers(url: str, tmp_path: Path) -> None:
    """A host by name or number, a port, a path."""
    assert load_settings(workspace(tmp_path), {"LABEL_STUDIO_URL": url}).label_studio.url == url


def test_annotator_gets_what_they_read() -> None:
    """Languages and uid patterns narrow an annotator's Documents."""
    assert ANNA.reads(uid="sk-1", language="sk")
    assert not ANNA.reads(uid="sk-1", language="cs")
    assert not ANNA.reads(uid="en-1", language="sk")


def test_nearest_parent_is_the_workspace(tmp_path: Path) -> None:
    """Without a name the nearest folder above with a curation.toml is taken."""
    below = workspace(tmp_path) / "a" / "b"
    below.mkdir(parents=True)
    assert find_workspace(None, {}, below) == tmp_path
    assert find_workspace(None, {"CURATION_WORKSPACE": str(tmp_path)}, Path("/")) == tmp_path


def test_folder_that_is_no_workspace(tmp_path: Path) -> None:
    """The error says how to make one."""
    with pytest.raises(WorkspaceError, match="curation init"):
        find_workspace(tmp_path, {}, tmp_path)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[workspace", "not valid TOML"),
        ("[workspace]\nname='x'", "id: Field required"),
        ("[workspace]\nid='abcd'\nname='x'\ncolour=1", "colour: Extra inputs"),
        ("[workspace]\nid='abcd'\nname='x'\n[splits]\nparts={a=0.5}", "add up to 0.5"),
        ("[workspace]\nid='abcd'\nname='x'\nlanguages=['slovak!']", "not language codes"),
        ("[workspace]\nid='abcd'\nname='x'\nlanguages=[\"en\\n\"]", "not language codes"),
        ("[workspace]\nid='abcd'\nname='x'\n[splits]\nparts={a=nan, b=0.5}", "share above 0"),
        ("[workspace]\nid='abcd'\nname='x'\n[splits]\nparts={'../x'=1.0}", "cannot name files"),
        ("[workspace]\nid='abcd'\nname='x'\n[splits]\nseed=-1", "splits.seed"),
        ("[workspace]\nid='abcd'\nname='x'\nontology=\"a\\u0000b\"", "a control character"),
        ("[workspace]\nid='abcd'\nname='x'\ndatabase=\"a\\u0000b\"", "a control character"),
        ("[workspace]\nid='abcd'\nname='x'\ndatabase='a?b.db'", "cannot have a \\? in its path"),
        ("[workspace]\nid='abcd'\nname='x'\n[pipelines.en]\nname=''", "pipelines.en.name"),
        (
            "[workspace]\nid='abcd'\nname='x'\n[adjudication]\nevents=[]",
            "adjudication.events: no rule; name one or more",
        ),
        ("[workspace]\nid='abcd'\nname='x'\n[push]\noverlap=true", "push.overlap"),
        (PEOPLE.format("a ", "a@x.org", "b", "b@x.org"), "annotators.0.name"),
        (PEOPLE.format("a", "a@x.org", "b", "b@x.o\\u001brg"), "annotators.1.email"),
        (PEOPLE.format("\u00e9", "a@x.org", "e\u0301", "b@x.org"), "stands twice"),
        *(
            (f"[workspace]\nid='abcd'\nname='x'\n[label_studio]\nurl='{url}'", "not an address")
            for url in (
                "http://[::1",
                "http://127.0.0.1:abc",
                "http://h:99999",
                "http://:80",
                "http://h:0",
                "ftp://h",
                "http://me@h",
            )
        ),
        ("a = " + "[" * 5000 + "]" * 5000, "not valid TOML"),
    ],
)
def test_wrong_settings_are_said(tmp_path: Path, text: str, said: str) -> None:
    """Each kind of mistake is one line with the file and the key."""
    with pytest.raises(WorkspaceError, match=said) as caught:
        load_settings(workspace(tmp_path, text), {})
    assert "curation.toml" in str(caught.value)
    assert "\n" not in str(caught.value)


ADJUDICATOR = '[adjudication]\nadjudicator = {{ name = "{}", email = "{}" }}\n'


def test_adjudicator_may_be_an_annotator(tmp_path: Path) -> None:
    """Somebody else gets a login too; an annotator has one already."""
    people = PEOPLE.format("anna", "anna@x.org", "ben", "ben@x.org")
    other = load_settings(workspace(tmp_path, people + ADJUDICATOR.format("eva", "eva@x.org")), {})
    assert other.people[2:] == (("eva", "eva@x.org"),)
    same = load_settings(workspace(tmp_path, people + ADJUDICATOR.format("ben", "Ben@x.org")), {})
    assert same.people == (("anna", "anna@x.org"), ("ben", "ben@x.org"))


@pytest.mark.parametrize("who", [("anna", "eva@x.org"), ("eva", "anna@x.org")])
def test_adjudicator_is_one_annotator_or_none(tmp_path: Path, who: tuple[str, str]) -> None:
    """A name or an e-mail that is half an annotator's would mix two people up."""
    people = PEOPLE.format("anna", "anna@x.org", "ben", "ben@x.org")
    with pytest.raises(WorkspaceError, match="has the name or the e-mail of annotator anna"):
        load_settings(workspace(tmp_path, people + ADJUDICATOR.format(*who)), {})


def test_reserved_name_is_no_annotators(tmp_path: Path) -> None:
    """The name of the project of adjudications cannot be somebody's."""
    people = PEOPLE.format("@adjudication", "anna@x.org", "ben", "ben@x.org")
    with pytest.raises(WorkspaceError, match="cannot be called @adjudication"):
        load_settings(workspace(tmp_path, people), {})


@pytest.mark.parametrize(
    ("who", "said"),
    [
        (("Anna", "eva@x.org"), "has the name or the e-mail of annotator anna"),
        (("Anna", "anna@x.org"), "has the name or the e-mail of annotator anna"),
        (("@adjudication", "eva@x.org"), "cannot be called @adjudication"),
    ],
)
def test_adjudicator_is_told_from_everybody(
    tmp_path: Path, who: tuple[str, str], said: str
) -> None:
    """A name that differs from an annotator's only in its case, or is the project's, is refused."""
    people = PEOPLE.format("anna", "anna@x.org", "ben", "ben@x.org")
    with pytest.raises(WorkspaceError, match=said):
        load_settings(workspace(tmp_path, people + ADJUDICATOR.format(*who)), {})
