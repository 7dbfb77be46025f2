"""What a mounted data set looks like, counted without a model."""
