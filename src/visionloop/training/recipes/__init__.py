"""Training recipes: the only code that reaches torch, and only inside job processes."""
