"""A matter with a clock: what happened to it, what may happen next, and until when."""
