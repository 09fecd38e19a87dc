"""spaCy components and pipelines that propose entities and events."""
