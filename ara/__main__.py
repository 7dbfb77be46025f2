"""`python -m ara` is the `ara` command."""

from ara.cli.app import main

if __name__ == "__main__":
    main()
