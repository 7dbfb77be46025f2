"""The command line of `ara`."""
