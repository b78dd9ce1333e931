from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from visionloop.labeling import rules
from visionloop.labeling.entities import LabelTask, Lock, TaskFigure, TaskState
from visionloop.labeling.errors import (
    OwnWork,
    QueueNameBad,
    TaskLocked,
    TaskNotYours,
    WrongTaskState,
)

NOW = datetime(2026, 3, 2, 6, 0, tzinfo=UTC)
POLICY = rules.LabelingPolicy()
PEOPLE = st.sampled_from(["lena", "lars", "rita"])


def _task(**values: object) -> LabelTask:
    return LabelTask(
        **{
            "id": "task_1",
            "project": "parts",
            "image_id": "a" * 64,
            "queue": "labeling",
            "state": TaskState.OPEN,
            "priority": 0,
            "created_by": "system",
            "created_at": NOW,
            **values,
        }
    )


class TaskLife(RuleBasedStateMachine):
    """Any people do anything to a task in any order; refusals change nothing."""

    def __init__(self) -> None:
        super().__init__()
        self.task = _task()
        self.now = NOW
        self.num_accepted_by_self = 0

    @rule(seconds=st.floats(0, 400))
    def time_passes(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)

    @rule(who=PEOPLE)
    def works(self, who: str) -> None:
        try:
            rules.check_labelable(self.task, who)
        except (TaskNotYours, WrongTaskState):
            return
        self.task = rules.touch(self.task, who, self.now)

    @rule(who=PEOPLE)
    def submits(self, who: str) -> None:
        try:
            rules.check_labelable(self.task, who, "submit")
        except (TaskNotYours, WrongTaskState):
            return
        self.task = rules.submit(self.task, who, self.now, revision=1, policy=POLICY)

    @rule(who=PEOPLE)
    def skips(self, who: str) -> None:
        try:
            rules.check_labelable(self.task, who, "skip")
        except (TaskNotYours, WrongTaskState):
            return
        self.task = rules.skip(self.task, who, self.now)

    @rule(who=PEOPLE, accepted=st.booleans())
    def reviews(self, who: str, accepted: bool) -> None:
        try:
            rules.check_reviewable(self.task, who, POLICY)
        except (OwnWork, WrongTaskState):
            return
        if accepted:
            self.task = rules.accept(self.task, who, self.now, revision=2)
        else:
            self.task = rules.reject(self.task, who)

    @rule()
    def releases(self) -> None:
        self.task = rules.release(self.task)

    @precondition(lambda self: self.task.state.is_final)
    @rule()
    def reopens(self) -> None:
        self.task = rules.reopen(self.task)

    @invariant()
    def accepted_work_was_seen_by_another(self) -> None:
        if self.task.state is TaskState.ACCEPTED:
            assert self.task.reviewer is not None
            assert self.task.reviewer != self.task.labeler

    @invariant()
    def final_tasks_have_an_end_and_others_none(self) -> None:
        assert (self.task.ended_at is not None) == self.task.state.is_final

    @invariant()
    def submitted_work_has_an_author_and_a_revision(self) -> None:
        if self.task.state is TaskState.SUBMITTED:
            assert self.task.labeler is not None
            assert self.task.revision is not None

    @invariant()
    def rejected_work_belongs_to_its_labeler(self) -> None:
        if self.task.state is TaskState.REJECTED:
            assert self.task.assignee == self.task.labeler
            assert self.task.num_rejections > 0

    @invariant()
    def work_never_takes_longer_than_time_passed(self) -> None:
        assert 0 <= self.task.active_s <= (self.now - NOW).total_seconds() + 1e-6


TestTaskLife = TaskLife.TestCase
TestTaskLife.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)


def test_breaks_do_not_count_as_work() -> None:
    task = rules.touch(_task(), "lena", NOW)
    task = rules.touch(task, "lena", NOW + timedelta(seconds=20))
    task = rules.touch(task, "lena", NOW + timedelta(minutes=40))
    task = rules.touch(task, "lena", NOW + timedelta(minutes=40, seconds=5))
    assert task.active_s == 25


@given(offset=st.integers(-5, 5), holder=PEOPLE, actor=PEOPLE)
def test_a_lock_binds_others_until_it_expires(offset: int, holder: str, actor: str) -> None:
    lock = Lock(holder, NOW + timedelta(seconds=offset))
    if holder != actor and offset > 0:
        with pytest.raises(TaskLocked):
            rules.check_lock("task_1", lock, actor, NOW)
    else:
        rules.check_lock("task_1", lock, actor, NOW)


@pytest.mark.parametrize("name", ["", "a b", "a/b", "-a", "x" * 64, "ä"])
def test_bad_queue_names_are_refused(name: str) -> None:
    with pytest.raises(QueueNameBad):
        rules.check_queue_name(name)


def _figure(state: TaskState, **values: object) -> TaskFigure:
    base = {
        "labeler": None,
        "reviewer": None,
        "active_s": 0.0,
        "submitted_at": None,
        "num_rejections": 0,
    }
    return TaskFigure(state=state, **{**base, **values})  # type: ignore[arg-type]


def test_the_forecast_follows_from_median_and_people() -> None:
    recent = NOW - timedelta(minutes=5)
    done = [
        _figure(
            TaskState.ACCEPTED,
            labeler=name,
            reviewer="rita",
            active_s=seconds,
            submitted_at=recent,
        )
        for name, seconds in (("lena", 10.0), ("lena", 20.0), ("lars", 90.0))
    ]
    waiting = [_figure(TaskState.OPEN)] * 10
    progress = rules.measure_progress([*done, *waiting], NOW)
    assert progress.median_s == 20
    assert progress.remaining_s == 200
    assert progress.forecast_at == NOW + timedelta(seconds=100)
    assert progress.num_last_hour == 3
    assert [(f.name, f.median_s, f.acceptance_rate) for f in progress.labelers] == [
        ("lars", 90.0, 1.0),
        ("lena", 15.0, 1.0),
    ]


def test_nothing_is_forecast_before_anybody_worked() -> None:
    progress = rules.measure_progress([_figure(TaskState.OPEN)], NOW)
    assert (progress.median_s, progress.remaining_s, progress.forecast_at) == (None, None, None)


def test_rejections_lower_the_acceptance_rate() -> None:
    figures = [
        _figure(
            TaskState.ACCEPTED,
            labeler="lena",
            reviewer="rita",
            active_s=9.0,
            submitted_at=NOW - timedelta(days=1),
            num_rejections=3,
        )
    ]
    progress = rules.measure_progress(figures, NOW)
    assert progress.labelers[0].acceptance_rate == 0.25
    assert progress.forecast_at == NOW


@pytest.mark.parametrize(
    ("given_settings", "expected"),
    [
        ({}, rules.LabelingPolicy()),
        ({"labeling": {"review": False}}, rules.LabelingPolicy(review=False)),
        ({"labeling": {"lease_minutes": 2}}, rules.LabelingPolicy(lease=timedelta(minutes=2))),
        ({"labeling": "x"}, rules.LabelingPolicy()),
    ],
)
def test_the_policy_is_read_from_project_settings(
    given_settings: dict[str, object], expected: rules.LabelingPolicy
) -> None:
    assert rules.read_policy(given_settings) == expected
