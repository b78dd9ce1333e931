"""The console's checks: generated client up to date, lint, types and unit tests."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from build_console import WEB, npm_environment
from visionloop.api.openapi import openapi_text

_MEND = "Run: make client-update"


def main() -> int:
    """Run every check of the console and tell which failed."""
    environment = npm_environment()
    failed = []
    if (WEB / "openapi.json").read_text() != openapi_text():
        failed.append(f"web/openapi.json differs from the API. {_MEND}")
    if not _generated_client_is_fresh(environment):
        failed.append(f"web/src/api/schema.d.ts differs from web/openapi.json. {_MEND}")
    for script in ("lint", "types", "test"):
        if _npm(environment, "run", script) != 0:
            failed.append(f"npm run {script} failed in web/.")
    print("\n".join(failed) or "The console's checks pass.")
    return 1 if failed else 0


def _generated_client_is_fresh(environment: dict[str, str]) -> bool:
    committed = WEB / "src" / "api" / "schema.d.ts"
    with tempfile.TemporaryDirectory() as folder:
        fresh = Path(folder) / "schema.d.ts"
        program = WEB / "node_modules" / ".bin" / "openapi-typescript"
        command = [str(program), "openapi.json", "--output", str(fresh)]
        subprocess.run(command, cwd=WEB, env=environment, check=True, capture_output=True)
        return fresh.read_text() == committed.read_text()


def _npm(environment: dict[str, str], *arguments: str) -> int:
    program = shutil.which("npm", path=environment["PATH"]) or "npm"
    return subprocess.run(
        [program, "--silent", *arguments], cwd=WEB, env=environment, check=False
    ).returncode


if __name__ == "__main__":
    os.chdir(WEB.parent)
    sys.exit(main())
