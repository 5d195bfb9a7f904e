"""Alembic's entry: it gets an open connection, and never a URL, so that no secret reaches a config file."""

from alembic import context

from ombud.store.schema import METADATA

context.configure(connection=context.config.attributes["connection"], target_metadata=METADATA)
with context.begin_transaction():
    context.run_migrations()
