"""The process of an endpoint: ``python -m visionloop.serving.server --endpoint-file FILE``.

It needs the endpoint file and the packages that it names, no database and no control plane.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import logging
import os
import signal
import sys
from pathlib import Path

import uvicorn

from visionloop.kernel.errors import VisionloopError
from visionloop.serving.application import ServingApplication
from visionloop.serving.instruments import Instruments
from visionloop.serving.pool import WorkerPool
from visionloop.serving.processes import hold_process
from visionloop.serving.recorder import PredictionRecorder
from visionloop.serving.state import ServingState

_GRACE_S = 10
_BAD_FILE, _ALREADY_SERVED = 2, 3
_log = logging.getLogger("visionloop.serving")


def main(arguments: list[str] | None = None) -> int:
    """Serve one endpoint until a signal ends it.

    Returns:
        0 after a signal, 2 for an unusable endpoint file, 3 when the endpoint is served already.
    """
    parser = argparse.ArgumentParser(prog="visionloop.serving.server", description=__doc__)
    parser.add_argument("--endpoint-file", type=Path, required=True)
    path: Path = parser.parse_args(arguments).endpoint_file.resolve()
    logging.basicConfig(
        level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s"
    )
    try:
        state = ServingState(path)
    except (OSError, VisionloopError) as error:
        _log.error("cannot serve %s: %s", path, error)
        return _BAD_FILE
    try:
        with hold_process(path.parent, state.file.port):
            _serve(state)
    except BlockingIOError:
        _log.error("endpoint %s is served by another process", state.file.endpoint)
        return _ALREADY_SERVED
    return 0


def _serve(state: ServingState) -> None:
    file = state.file
    instruments = Instruments(file.endpoint)
    recorder = None
    if file.log.dir:

        def report(reason: str) -> None:
            state.last_error = reason
            _log.error("%s", reason)

        recorder = PredictionRecorder(file.log, on_error=report)
    pool = WorkerPool(file.num_workers or _count_cores())
    state.load()
    application = ServingApplication(state, instruments, pool, recorder)
    config = uvicorn.Config(
        application,
        host=file.host,
        port=file.port,
        lifespan="off",
        access_log=False,
        server_header=False,
        log_config=None,
        log_level="warning",
        timeout_graceful_shutdown=_GRACE_S,
    )
    # uvicorn raises the signal again when it is done, which would end us before the log is closed.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: None)
    # What was made so far lives as long as the process; the collector need not look at it again.
    gc.collect()
    gc.freeze()
    try:
        with asyncio.Runner(loop_factory=config.get_loop_factory()) as runner:
            runner.run(_run(uvicorn.Server(config), state, recorder))
    finally:
        pool.close()
        if recorder is not None:
            recorder.close()


async def _run(
    server: uvicorn.Server, state: ServingState, recorder: PredictionRecorder | None
) -> None:
    def apply_log_settings() -> None:
        if recorder is not None:
            recorder.change_settings(state.file.log)

    watch = asyncio.create_task(state.follow(apply_log_settings))
    try:
        await server.serve()
    finally:
        watch.cancel()


def _count_cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


if __name__ == "__main__":
    sys.exit(main())
