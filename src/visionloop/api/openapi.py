"""Print the OpenAPI document, from which the console's client is generated.

python -m visionloop.api.openapi > web/openapi.json
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

from visionloop.api.app import create_app
from visionloop.bootstrap import create_application
from visionloop.config import Settings


def openapi_text() -> str:
    """Return the OpenAPI document as stable, indented JSON."""
    with tempfile.TemporaryDirectory() as folder:
        application = create_application(Settings(home=Path(folder)))
        document = create_app(application).openapi()
        application.database.dispose()
    return json.dumps(document, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    sys.stdout.write(openapi_text())
