"""Alembic's entry: it gets an open connection, and never a URL, so that no secret reaches a config file."""

from alembic import context

import ombud.store.decided.tables
import ombud.store.windows  # noqa: F401 (both add their tables to METADATA)
from ombud.store.schema import METADATA

context.configure(connection=context.config.attributes["connection"], target_metadata=METADATA)
with context.begin_transaction():
    context.run_migrations()
