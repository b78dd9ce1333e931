"""The only SQL of the registry: ``versions`` are signed packages, ``catalog`` all that is named."""
