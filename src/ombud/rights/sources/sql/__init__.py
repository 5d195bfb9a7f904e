"""Databases: PostgreSQL, MySQL and MariaDB, SQLite, and any other that SQLAlchemy speaks to."""

from ombud.rights.sources.sql.source import SqlSource, open_source

__all__ = ["SqlSource", "open_source"]
