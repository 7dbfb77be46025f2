"""Two runs of one question: what changed between them, and what the change did."""
