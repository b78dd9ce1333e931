"""The ten elements of a project at a glance: what the home page of the console draws."""
