"""The wire of MLflow: an unmodified client works with a project as its tracking server.

The tracking URI is ``http://HOST:PORT/mlflow/PROJECT``; the client sends the token that
``MLFLOW_TRACKING_TOKEN`` holds, so roles and the audit trail are those of Visionloop.
"""
