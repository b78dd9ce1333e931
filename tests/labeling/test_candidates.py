from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from visionloop.admin.entities import Actor, Project
from visionloop.labeling.entities import LabelTask, Lock, Pull, TaskState
from visionloop.labeling.store import candidates as candidate_store
from visionloop.labeling.store import locks as lock_store
from visionloop.labeling.store import tasks as task_store
from visionloop.storage.database import Database

NOW = datetime(2026, 3, 2, 6, 0, tzinfo=UTC)


def _task(number: int, **values: Any) -> LabelTask:
    base = {
        "id": f"task_{number:05}",
        "project": "parts",
        "image_id": f"{number:064x}",
        "queue": "labeling",
        "state": TaskState.OPEN,
        "priority": number % 3,
        "created_by": "system",
        "created_at": NOW + timedelta(seconds=number),
    }
    return LabelTask(**(base | values))


def _expected_order(tasks: list[LabelTask]) -> list[str]:
    return [t.id for t in sorted(tasks, key=lambda t: (-t.priority, t.created_at, t.id))]


@pytest.mark.parametrize("queue", ["labeling", None])
def test_next_tasks_come_along_an_index_and_nothing_is_sorted(
    sqlite_database: Database, sqlite_project: Project, queue: str | None
) -> None:
    statements: list[tuple[str, Any]] = []
    with sqlite_database.begin() as tx:
        task_store.insert_tasks(tx, [_task(n) for n in range(300)])

        def remember(_c: Any, _cursor: Any, text: str, values: Any, *_rest: Any) -> None:
            statements.append((text, values))

        sa.event.listen(tx, "before_cursor_execute", remember)
        candidate_store.list_candidates(tx, Pull("parts", "lena", NOW, queue), limit=5)
        sa.event.remove(tx, "before_cursor_execute", remember)
        plans = [
            [row[3] for row in tx.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}", values)]
            for text, values in statements
        ]
    walks = [plan for plan in plans if any("ix_label_tasks_pull" in step for step in plan)]
    assert len(walks) == 2  # what is everybody's, and what is this person's
    assert not [step for plan in walks for step in plan if "SORT" in step or "TEMP" in step]
    assert not [step for plan in plans for step in plan if step.startswith("SCAN label_tasks")]


def test_the_order_is_priority_then_age_whoever_it_is_assigned_to(
    database: Database, project: Project
) -> None:
    mine = [_task(n, assignee="lena") for n in range(0, 30, 4)]
    free = [_task(n) for n in range(1, 30, 4)]
    others = [_task(n, assignee="lars") for n in range(2, 30, 4)]
    with database.begin() as tx:
        task_store.insert_tasks(tx, [*mine, *free, *others])
        found = candidate_store.list_candidates(tx, Pull("parts", "lena", NOW), limit=100)
        number = candidate_store.count_candidates(tx, Pull("parts", "lena", NOW))
    assert [task.id for task in found] == _expected_order([*mine, *free])
    assert number == len(mine) + len(free)


def test_what_one_holds_comes_first_and_what_others_hold_not_at_all(
    database: Database, project: Project, labeler: Actor
) -> None:
    later = NOW + timedelta(minutes=10)
    tasks = [_task(n, priority=0) for n in range(6)]
    rejected = _task(6, state=TaskState.REJECTED, assignee="lena", priority=-5)
    with database.begin() as tx:
        task_store.insert_tasks(tx, [*tasks, rejected])
        for number, holder in ((0, "lars"), (4, "lena"), (5, "rita")):
            lock = Lock(holder, later if holder != "rita" else NOW)
            lock_store.acquire_lock(tx, "parts", tasks[number].image_id, lock=lock, now=NOW)
        found = candidate_store.list_candidates(tx, Pull("parts", "lena", NOW, "labeling"), limit=3)
        number = candidate_store.count_candidates(tx, Pull("parts", "lena", NOW, "labeling"))
    assert [task.id for task in found] == [tasks[4].id, rejected.id, tasks[1].id]
    assert number == 6
