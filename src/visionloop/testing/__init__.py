"""Public contract checks for plugin authors."""
