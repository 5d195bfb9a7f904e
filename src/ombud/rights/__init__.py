"""The rights of the person: found everywhere, acted on, proved, down to the models."""
