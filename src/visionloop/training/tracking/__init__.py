"""Runs led by code that is not ours: what MLflow's clients create, log, search and put aside."""
