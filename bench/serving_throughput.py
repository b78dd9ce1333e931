"""How much of the decode-and-inference limit does an endpoint reach over HTTP?

    python bench/serving_throughput.py [--package DIR] [--images DIR] [--seconds 10]

One run measures the limit (the same runtime called by as many threads as there are cores, no
HTTP) before and after the endpoint, with authentication, metrics and the prediction log on and
off, behind a closed-loop client on the same machine. Two ratios are printed: of requests per
second, and of CPU time per image in the serving process, which holds on a busy machine too.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import numpy as np
from PIL import Image, ImageFilter

from visionloop.serving.inference import load_runtime
from visionloop.serving.packages import open_package

SECRET = "bench"
NUM_CORES = len(os.sched_getaffinity(0))


@dataclass(frozen=True)
class Figures:
    """What one measurement found."""

    name: str
    images_per_s: float
    cpu_ms_per_image: float
    p50_ms: float = 0.0
    p99_ms: float = 0.0
    errors: int = 0


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--package", type=Path, help="a model package; MobileNetV2 by default")
    parser.add_argument("--images", type=Path, help="a folder of JPEG files; rendered by default")
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--clients", type=int, default=8)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="visionloop-bench-") as folder:
        measure(Path(folder), options)


def measure(folder: Path, options: argparse.Namespace) -> None:
    """Run every measurement in one go."""
    package = options.package or folder / "package"
    if options.package is None:
        from mobilenet_graph import build_package

        build_package(package)
    images = read_images(options.images)
    found = [measure_limit(package, images, options.seconds)]
    main_only = [describe(package, "main", weight=100)]
    settings: dict[str, tuple[list[dict[str, Any]], bool]] = {
        "http, log on": (main_only, True),
        "http, log off": (main_only, False),
        "http, log on, 10 % canary": (
            [describe(package, "main", weight=90), describe(package, "canary", weight=10)],
            True,
        ),
        "http, log on, 10 % shadow": ([*main_only, describe(package, "shadow", mirror=10)], True),
    }
    for name, (deployments, log) in settings.items():
        found.append(measure_http(folder, name, deployments, images, log=log, options=options))
    found.append(measure_limit(package, images, options.seconds))
    limit_rate = (found[0].images_per_s + found[-1].images_per_s) / 2
    limit_cpu = (found[0].cpu_ms_per_image + found[-1].cpu_ms_per_image) / 2
    print(f"\n{'':28} images/s  ratio  CPU ms  ratio   p50    p99  p99/p50  errors")
    for f in found:
        tail = f"{f.p50_ms:6.1f} {f.p99_ms:6.1f}  {f.p99_ms / f.p50_ms:7.2f}" if f.p50_ms else ""
        print(
            f"{f.name:28} {f.images_per_s:8.1f}  {f.images_per_s / limit_rate:5.2f}"
            f"  {f.cpu_ms_per_image:6.2f}  {limit_cpu / f.cpu_ms_per_image:5.2f}  {tail}"
            f"  {f.errors or ''}"
        )


def read_images(folder: Path | None) -> list[bytes]:
    """Return JPEG files of a folder, or render photo-like ones of 640 x 480."""
    if folder is not None:
        return [path.read_bytes() for path in sorted(folder.rglob("*.jp*g"))[:64]]
    rng = np.random.default_rng(0)
    files = []
    for _ in range(16):
        pixels = rng.integers(0, 256, (48, 64, 3), dtype=np.uint8)
        picture = Image.fromarray(pixels).resize((640, 480), Image.Resampling.BICUBIC)
        picture = picture.filter(ImageFilter.GaussianBlur(1))
        buffer = io.BytesIO()
        picture.save(buffer, "JPEG", quality=88)
        files.append(buffer.getvalue())
    return files


def measure_limit(package: Path, images: Sequence[bytes], seconds: float) -> Figures:
    """Decode and infer on every core without HTTP."""
    runtime = load_runtime(package)
    counts = [0] * NUM_CORES
    deadline = time.perf_counter() + seconds

    def work(index: int) -> None:
        while time.perf_counter() < deadline:
            runtime.classify(images[(counts[index] + index) % len(images)])
            counts[index] += 1

    used = resource.getrusage(resource.RUSAGE_SELF)
    begun = time.perf_counter()
    threads = [threading.Thread(target=work, args=(i,)) for i in range(NUM_CORES)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    elapsed = time.perf_counter() - begun
    after = resource.getrusage(resource.RUSAGE_SELF)
    cpu = after.ru_utime + after.ru_stime - used.ru_utime - used.ru_stime
    total = sum(counts)
    return Figures("limit: decode + inference", total / elapsed, cpu / total * 1000)


def measure_http(
    folder: Path,
    name: str,
    deployments: list[dict[str, Any]],
    images: Sequence[bytes],
    *,
    log: bool,
    options: argparse.Namespace,
) -> Figures:
    """Start an endpoint, load it with closed-loop clients and stop it."""
    own = folder / name.replace(" ", "-").replace(",", "").replace("%", "")
    own.mkdir()
    port = random.randrange(20_000, 32_000)
    content = {
        "endpoint": "bench",
        "project": "bench",
        "host": "127.0.0.1",
        "port": port,
        "keys": [hashlib.sha256(SECRET.encode()).hexdigest()],
        "log": {"dir": str(own / "predictions") if log else ""},
        "deployments": deployments,
    }
    (own / "endpoint.json").write_text(json.dumps(content))
    command = [sys.executable, "-m", "visionloop.serving.server", "--endpoint-file"]
    begun = time.perf_counter()
    process = subprocess.Popen([*command, str(own / "endpoint.json")])
    headers = {"authorization": f"Bearer {SECRET}"}
    client = httpx.Client(base_url=f"http://127.0.0.1:{port}", headers=headers, timeout=30)
    try:
        await_answer(client, images[0])
        first_answer_s = time.perf_counter() - begun
        idle = read_rss(process.pid)
        before = read_cpu_s(process.pid)
        report = run_client(own, port, images, options)
        cpu = read_cpu_s(process.pid) - before
        status = client.get("/status").json()
        print(
            f"{name}: first answer after {first_answer_s:.2f} s, {idle / 2**20:.0f} MiB then, "
            f"{read_rss(process.pid) / 2**20:.0f} MiB after; log records written "
            f"{status['written_records']}, waiting {status['waiting_records']}, "
            f"dropped {status['dropped_records']}"
        )
    finally:
        client.close()
        process.terminate()
        process.wait(timeout=30)
    return Figures(
        name=name,
        images_per_s=report["num_answers"] / report["duration_s"],
        cpu_ms_per_image=cpu / report["num_answers"] * 1000,
        p50_ms=report["p50_ms"],
        p99_ms=report["p99_ms"],
        errors=report["num_errors"],
    )


def run_client(
    folder: Path, port: int, images: Sequence[bytes], options: argparse.Namespace
) -> dict[str, Any]:
    """Load the endpoint from a process of its own and return the report."""
    path = folder / "images.json"
    path.write_text(json.dumps([image.hex() for image in images]))
    arguments = [str(port), str(path), str(options.clients), str(options.seconds), SECRET]
    script = str(Path(__file__).with_name("load_client.py"))
    answer = subprocess.run(
        [sys.executable, script, *arguments], capture_output=True, text=True, check=True
    )
    report: dict[str, Any] = json.loads(answer.stdout)
    return report


def describe(package: Path, name: str, **shares: int) -> dict[str, Any]:
    """Describe a deployment for the endpoint file."""
    digest = open_package(package).digest
    return {"name": name, "package_dir": str(package), "digest": digest, **shares}


def await_answer(client: httpx.Client, image: bytes) -> None:
    """Ask until the endpoint answers an image."""
    deadline = time.perf_counter() + 30
    while time.perf_counter() < deadline:
        try:
            if client.post("/score", content=image).status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.01)
    raise TimeoutError("the endpoint did not answer")


def read_cpu_s(pid: int) -> float:
    """Return the CPU time that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def read_rss(pid: int) -> int:
    """Return the resident memory of a process in bytes."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


if __name__ == "__main__":
    main()
