"""What is asked: the task schema, its loader and the bundled catalogue."""
