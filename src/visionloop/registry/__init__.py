"""Element 4: model packages, versions, aliases, lineage and signatures."""
