"""The only SQL of monitoring."""
