"""Gold datasets of entities and events from multilingual news."""

__version__ = "0.1.0"
