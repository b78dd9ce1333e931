"""Ids, clock, digests, geometry and base errors: what every layer needs, without I/O on services."""
