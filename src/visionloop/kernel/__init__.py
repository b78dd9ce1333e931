"""Ids, clock, digests, geometry and base errors: what every layer needs."""
