"""A run as tables for other programs: CSV, JSON, Parquet, data frames and MLflow."""
