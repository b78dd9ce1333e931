"""Worker threads of a serving process: live requests first, shadows when nobody waits."""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable

Job = Callable[[], None]
_log = logging.getLogger(__name__)


class WorkerPool:
    """Runs jobs on a fixed number of threads.

    Admission of live jobs is the caller's business; shadow jobs are dropped, oldest first, when
    they pile up, because a late comparison is worth less than a fresh one.

    Args:
        num_workers: Threads; one for each core.
        max_shadows: Shadow jobs that may wait.
    """

    def __init__(self, num_workers: int, *, max_shadows: int = 64) -> None:
        self._live: deque[Job] = deque()
        self._shadows: deque[Job] = deque()
        self._max_shadows = max_shadows
        self._ready = threading.Condition(threading.Lock())
        self._closed = False
        self.num_dropped_shadows = 0
        self._threads = [
            threading.Thread(target=self._work, name=f"scorer-{index}", daemon=True)
            for index in range(num_workers)
        ]
        for thread in self._threads:
            thread.start()

    @property
    def queue_depth(self) -> int:
        """Live jobs that wait for a worker."""
        return len(self._live)

    def submit(self, job: Job) -> None:
        """Queue a live job; it must not raise."""
        with self._ready:
            self._live.append(job)
            self._ready.notify()

    def offer_shadow(self, job: Job) -> None:
        """Queue a shadow job, dropping the oldest when too many wait."""
        with self._ready:
            if len(self._shadows) >= self._max_shadows:
                self._shadows.popleft()
                self.num_dropped_shadows += 1
            self._shadows.append(job)
            self._ready.notify()

    def close(self) -> None:
        """Finish the live jobs, drop the shadows and end the threads."""
        with self._ready:
            self._closed = True
            self._shadows.clear()
            self._ready.notify_all()
        for thread in self._threads:
            thread.join(timeout=10.0)

    def _work(self) -> None:
        while True:
            with self._ready:
                while not self._live and not self._shadows:
                    if self._closed:
                        return
                    self._ready.wait()
                job = self._live.popleft() if self._live else self._shadows.popleft()
            try:
                job()
            except Exception:
                _log.exception("a job failed without telling its caller")
