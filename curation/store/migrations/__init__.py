"""Alembic migrations, from the first revision on."""
