"""The Responsible AI report: for whom, where and under what a model fails, and why it decides."""
