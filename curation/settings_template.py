"""The curation.toml that a new workspace begins with, its comments included."""

from __future__ import annotations

import json
from collections.abc import Sequence

from curation.settings import DEFAULT_LANGUAGES, Annotator

__all__ = ["settings_text"]

_TEMPLATE = """\
# A workspace of `curation`. docs/settings.md explains every setting.

[workspace]
id = {id}
name = {name}
languages = {languages}
ontology = "label_config/news.toml"
database = "curation.db"

# Without a url, `curation server start` runs a Label Studio of this workspace's own.
# The key comes from $LABEL_STUDIO_API_KEY, never from this file.
[label_studio]
# url = "https://label-studio.example.org"

# Without `overlap` everybody gets every document they read. With it a document goes to one reader,
# a share of each language to several. `unassisted_share` come without proposals.
[push]
# overlap = 2
# overlap_share = 0.3
# unassisted_share = 0.1

# Rules by layer, tried in order: "majority", "weighted", "prefer:NAME", … docs/settings.md has all.
[adjudication]
entities = {rules}
events = {rules}
arguments = {rules}
attributes = {rules}
min_annotators = 2
# adjudicator = {{ name = "eva", email = "eva@example.org" }}

# Exact F1 wanted, by label, event type, role or layer; `curation agreement --gate` fails on a
# target that is missed. Rounds by their first day.
# [agreement.targets]
# entities = 0.8
# PER = 0.9
# [agreement.rounds]
# pilot = 2024-01-01

[splits]
seed = 13
parts = {{ train = 0.7, dev = 0.15, test = 0.15 }}
# frozen = ["test"]
# by = ["source", "event"]
# max_similarity = 0.5

# What a release says of itself, and what must hold before one is made; docs/releases.md.
[release]
max_disputed = 0
# license = "cc-by-4.0"
# authors = ["Berg, Anna"]
# min_agreement = {{ entities = 0.8 }}
# min_double_annotated = 0.3
# max_leakage = 0.5
# audit_reviewed = true
# [release.sources."Example Times"]
# license = "all rights reserved"
# redistributable = false
# [release.datasheet]
# motivation = "…"

# The pipeline of a language: "accurate" (the default), "fast", or an installed spaCy pipeline, with
# its labels renamed to the ontology's:
# [pipelines.en]
# name = "en_core_web_trf"
# labels = {{ PERSON = "PER", GPE = "LOC", FAC = "LOC" }}

# People who label. Each gets a project of their own, beside the others' and not in sight of them.
# `languages` and `documents` (patterns of uids) narrow what they get, `share` weighs it.
{annotators}"""


def settings_text(
    *,
    workspace_id: str,
    name: str,
    annotators: Sequence[Annotator],
    languages: Sequence[str] = DEFAULT_LANGUAGES,
    rules: Sequence[str] = ("majority",),
) -> str:
    """A curation.toml with these values and comments that explain them."""
    return _TEMPLATE.format(
        id=json.dumps(workspace_id),
        name=json.dumps(name, ensure_ascii=False),
        languages=json.dumps(list(languages)),
        rules=json.dumps(list(rules)),
        annotators="\n".join(_annotator_text(a) for a in annotators)
        or '# [[annotators]]\n# name = "anna"\n# email = "anna@example.org"\n',
    )


def _annotator_text(annotator: Annotator) -> str:
    values = annotator.model_dump(exclude_defaults=True)
    lines = (f"{k} = {json.dumps(v, ensure_ascii=False)}" for k, v in values.items())
    return "[[annotators]]\n" + "\n".join(lines) + "\n"
