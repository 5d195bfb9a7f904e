"""Places with data, one file a kind. All answer the same few questions; see `source.Source`."""
