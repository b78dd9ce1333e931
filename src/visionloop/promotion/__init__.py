"""Elements 5 to 7: durable pipelines, gates, approvals and rollout."""
