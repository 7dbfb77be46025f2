"""The steps in the life of a question, one module each."""
