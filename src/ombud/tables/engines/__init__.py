"""Who counts: one file an engine, each a few words of one language, SQL."""
