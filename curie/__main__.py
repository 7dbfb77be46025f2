"""`python -m curie` is the `curie` command."""

from curie.cli.app import main

if __name__ == "__main__":
    main()
