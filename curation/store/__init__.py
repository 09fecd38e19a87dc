"""The database: SQLModel tables, mapping, repository, migrations."""
