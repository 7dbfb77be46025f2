"""Figures of a run as inline SVG; matplotlib is imported by these modules and nowhere else."""
