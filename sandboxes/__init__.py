"""Where commands run: isolation, limits, leases and executors."""
