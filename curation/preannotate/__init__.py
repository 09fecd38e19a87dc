"""spaCy components and pipelines that propose entities and events.

spaCy loads with the modules, not with the package: import `curation.preannotate.pipeline` and
`curation.preannotate.documents` inside the function that needs them.
"""
