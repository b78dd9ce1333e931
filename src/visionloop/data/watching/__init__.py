"""Watched places: new images come in by themselves, changed and deleted ones are named."""
