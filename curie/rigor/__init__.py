"""Rigor: computed answers to whether a plan is controlled, a trial reproduces and data decide."""
