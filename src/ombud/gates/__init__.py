"""Gates where deployment happens: registry, cluster, pipeline."""
