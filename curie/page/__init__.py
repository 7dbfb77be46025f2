"""What a person reads of a run: one model, shown as an HTML page and as Markdown."""
