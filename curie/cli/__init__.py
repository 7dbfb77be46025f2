"""The `curie` command: arguments only. Commands import what they need when they run, so that --help stays fast."""
