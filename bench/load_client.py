"""A closed-loop HTTP client that costs little: bare sockets on one event loop.

python bench/load_client.py PORT IMAGES_FILE NUM_CLIENTS SECONDS SECRET
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from pathlib import Path

import uvloop

from visionloop.serving.rules import percentile


async def ask(port: int, requests: list[bytes], deadline: float) -> tuple[list[float], int]:
    """Send requests one after the other until the deadline; return latencies and errors."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    latencies, errors = [], 0
    number = 0
    while time.perf_counter() < deadline:
        begun = time.perf_counter()
        writer.write(requests[number % len(requests)])
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
        await reader.readexactly(length)
        if head.startswith(b"HTTP/1.1 200"):
            latencies.append((time.perf_counter() - begun) * 1000)
        else:
            errors += 1
        number += 1
    writer.close()
    return latencies, errors


async def run(port: int, images: list[bytes], clients: int, seconds: float, secret: str) -> None:
    """Load the endpoint and print a report."""
    requests = [
        f"POST /score HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {secret}\r\n"
        f"Content-Type: image/jpeg\r\nContent-Length: {len(image)}\r\n\r\n".encode()
        + image
        for image in images
    ]
    begun = time.perf_counter()
    deadline = begun + seconds
    shifted = [
        requests[i % len(requests) :] + requests[: i % len(requests)] for i in range(clients)
    ]
    results = await asyncio.gather(*(ask(port, own, deadline) for own in shifted))
    duration_s = time.perf_counter() - begun
    latencies = sorted(value for own, _ in results for value in own)
    report = {
        "num_answers": len(latencies),
        "num_errors": sum(errors for _, errors in results),
        "duration_s": duration_s,
        "p50_ms": percentile(latencies, 50),
        "p99_ms": percentile(latencies, 99),
    }
    print(json.dumps(report))


if __name__ == "__main__":
    files = [bytes.fromhex(text) for text in json.loads(Path(sys.argv[2]).read_bytes())]
    uvloop.run(run(int(sys.argv[1]), files, int(sys.argv[3]), float(sys.argv[4]), sys.argv[5]))
