"""What several folders of tests share: the default ontology and one real Label Studio."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from curation.ontology import Ontology, load_ontology

if TYPE_CHECKING:
    from curation.labelstudio.server import ServerInfo

ROOT = Path(__file__).resolve().parents[1]


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Processes that share the tests get whole files, and one of them all tests of the server."""
    for item in items:
        fixtures = getattr(item, "fixturenames", ())
        group = "server" if "label_studio_server" in fixtures else str(item.path)
        item.add_marker(pytest.mark.xdist_group(group))


@pytest.fixture(scope="session")
def news() -> Ontology:
    """The ontology that is shipped."""
    return load_ontology(ROOT / "label_config" / "news.toml")


@pytest.fixture(scope="session")
def label_studio_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerInfo]:
    """A real Label Studio, started once for all tests that ask for it."""
    if importlib.util.find_spec("label_studio") is None:
        pytest.skip("label-studio is not installed: pip install 'curation[server]'")
    from curation.labelstudio import server

    folder = tmp_path_factory.mktemp("label-studio")
    yield server.start(folder, wait=240)
    server.stop(folder)
