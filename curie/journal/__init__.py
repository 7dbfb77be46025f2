"""The journal: the one durable state of a run."""
