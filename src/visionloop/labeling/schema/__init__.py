"""The label schema: classes, hierarchies, attributes and skeletons, in versions."""
