"""Element 2: projects, workspaces, users, roles, secrets, events and audit."""
