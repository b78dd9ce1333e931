"""The console's checks: generated client up to date, lint, types and unit tests."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from build_console import WEB, npm_command, npm_environment
from visionloop.api.openapi import openapi_text

_MEND = "Run: make client-update"
_OPENAPI = WEB / "openapi.json"
_CLIENT = WEB / "src" / "api" / "schema.d.ts"


def main() -> int:
    """Run every check of the console and tell which failed; ``--update`` writes the client."""
    if "--update" in sys.argv:
        _OPENAPI.write_text(openapi_text())
        return _npm("run", "generate")
    failed = []
    if _OPENAPI.read_text() != openapi_text():
        failed.append(f"web/openapi.json differs from the API. {_MEND}")
    if not _is_generated_client_fresh():
        failed.append(f"web/src/api/schema.d.ts differs from web/openapi.json. {_MEND}")
    for script in ("lint", "types", "test"):
        if _npm("run", script) != 0:
            failed.append(f"npm run {script} failed in web/.")
    print("\n".join(failed) or "The console's checks pass.")
    return 1 if failed else 0


def _is_generated_client_fresh() -> bool:
    committed = _CLIENT.read_text()
    try:
        return _npm("run", "generate") == 0 and _CLIENT.read_text() == committed
    finally:
        _CLIENT.write_text(committed)


def _npm(*arguments: str) -> int:
    command = [*npm_command(), "--silent", *arguments]
    return subprocess.run(command, cwd=WEB, env=npm_environment(), check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
