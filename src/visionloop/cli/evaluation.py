"""Evaluations on the command line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import typer

from visionloop.cli.output import JsonOption, ProjectOption, print_facts, print_json, print_table
from visionloop.cli.session import client, default_project

NAME = "evaluations"
app = typer.Typer(help="Show and compare evaluations of models.", no_args_is_help=True)


def evaluate(
    run_id: str = typer.Argument(..., help="Finished run whose model to judge."),
    dataset_version: str = typer.Argument(..., help="NAME, NAME:NUMBER or id."),
    split: str = typer.Option("test", help="train, val or test."),
    project: str = ProjectOption,
    as_json: bool = JsonOption,
) -> None:
    """Judge the model of a run on a split of a dataset version."""
    connection, root = client(), f"/projects/{default_project(project)}/evaluations"
    body = {"run_id": run_id, "dataset_version": dataset_version, "split": split}
    job = connection.post(root, json=body)
    connection.wait_for_job(job["job_id"])
    _print_report(connection.get(f"{root}/{job['evaluation_id']}"), as_json=as_json)


COMMANDS = (evaluate,)


@app.command("list")
def list_evaluations(
    run_id: str = typer.Option(None, "--run", help="Only evaluations of this run."),
    project: str = ProjectOption,
    as_json: bool = JsonOption,
) -> None:
    """List evaluations, newest first."""
    params = {"run_id": run_id} if run_id else {}
    path = f"/projects/{default_project(project)}/evaluations"
    rows = client().get(path, params=params)["items"]
    columns = ["id", "subject", "split", "num_images", "metrics.accuracy", "metrics.macro_f1"]
    print_table(rows, columns, as_json=as_json)


@app.command("show")
def show_evaluation(
    evaluation_id: str, project: str = ProjectOption, as_json: bool = JsonOption
) -> None:
    """Show accuracy, classes and weak slices."""
    path = f"/projects/{default_project(project)}/evaluations/{evaluation_id}"
    _print_report(client().get(path), as_json=as_json)


@app.command("worst")
def show_worst_images(
    evaluation_id: str,
    limit: int = typer.Option(20, help="At most this many."),
    project: str = ProjectOption,
    as_json: bool = JsonOption,
) -> None:
    """List the images that the model was most wrong about."""
    path = f"/projects/{default_project(project)}/evaluations/{evaluation_id}/images"
    rows = client().get(path, params={"limit": limit})["items"]
    print_table(rows, ["image_id", "label", "predicted", "confidence", "loss"], as_json=as_json)


@app.command("explain")
def explain_evaluation(
    evaluation_id: str,
    card: Path = typer.Option(None, help="Write the model card, one HTML page, to this file."),
    project: str = ProjectOption,
    as_json: bool = JsonOption,
) -> None:
    """Make a Responsible AI report: where, for whom and under what a model fails."""
    connection = client()
    path = f"/projects/{default_project(project)}/evaluations/{evaluation_id}/responsible"
    connection.wait_for_job(connection.post(path)["job_id"])
    found = connection.get(path)
    if card is not None:
        card.write_bytes(connection.get(f"{path}/card"))
    if as_json:
        print_json(found)
        return
    rows = [
        {"images": f"{item['attribute']} = {item['value']}"} | item["gap"]
        for item in found["content"]["cohorts"]
        if item["gap"]["is_weak"]
    ]
    typer.echo(f"{len(rows)} weak cohorts of {len(found['content']['cohorts'])}.")
    if rows:
        columns = ["images", "support", "quality.value", "gap.value", "q_value"]
        print_table(rows, columns, as_json=False)
    if card is not None:
        typer.echo(f"The model card is in {card}.")


@app.command("compare")
def compare_evaluations(
    baseline: str, candidate: str, project: str = ProjectOption, as_json: bool = JsonOption
) -> None:
    """Compare two models on the same images."""
    path = f"/projects/{default_project(project)}/evaluations/compare"
    found = client().get(path, params={"baseline": baseline, "candidate": candidate})
    if as_json:
        print_json(found)
        return
    facts = {
        "images": found["num_images"],
        "baseline accuracy": _interval(found["baseline_accuracy"]),
        "candidate accuracy": _interval(found["candidate_accuracy"]),
        "difference": _interval(found["difference"]),
        "p-value": found["p_value"],
        "fixed": len(found["fixed"]),
        "broken": len(found["broken"]),
    }
    print_facts(facts)


def _print_report(found: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        print_json(found)
        return
    for kind, show in (
        ("objects", _print_objects),
        ("regions", _print_regions),
        ("multilabel", _print_multilabel),
    ):
        if found[kind]:
            show(found)
            return
    report = found["report"]
    print_facts(
        {
            "id": found["evaluation"]["id"],
            "images": report["num_images"],
            "accuracy": _interval(report["accuracy"]),
            "macro F1": report["macro_f1"],
            "calibration error": report["calibration_error"],
        }
    )
    print_table(
        [
            {**item, "precision": _interval(item["precision"]), "recall": _interval(item["recall"])}
            for item in report["per_class"]
        ],
        ["label", "support", "precision", "recall", "f1"],
    )
    weak = [item for item in report["slices"] if item["is_weak"]]
    if weak:
        rows = [{**item, "accuracy": _interval(item["accuracy"])} for item in weak]
        print_table(rows, ["attribute", "value", "support", "accuracy", "q_value"])


def _print_objects(found: dict[str, Any]) -> None:
    report = found["objects"]
    print_facts(
        {
            "id": found["evaluation"]["id"],
            "images": report["num_images"],
            "objects": report["num_objects"],
            "AP@[.50:.95]": _interval(report["ap"]),
            "AP@.5": _interval(report["ap_50"]),
            "AR@100": report["coco"]["ar_100"],
            "VOC AP@.5": report["voc_ap_50"],
            "F1 at the thresholds": report["f1"],
        }
    )
    columns = ["label", "support", "found", "ap", "ap_50", "threshold", "f1"]
    print_table(report["per_class"], columns)
    print_table(report["errors"], ["name", "count", "ap_50_gain"])


def _print_regions(found: dict[str, Any]) -> None:
    report = found["regions"]
    print_facts(
        {
            "id": found["evaluation"]["id"],
            "images": report["num_images"],
            "mIoU": _interval(report["miou"]),
            "Dice": _interval(report["dice"]),
            "boundary IoU": _interval(report["boundary_iou"]),
            "right pixels": report["pixel_accuracy"],
        }
    )
    columns = ["label", "num_images", "share", "iou", "dice", "boundary_iou"]
    print_table(report["per_class"], columns)


def _print_multilabel(found: dict[str, Any]) -> None:
    report = found["multilabel"]
    print_facts(
        {
            "id": found["evaluation"]["id"],
            "images": report["num_images"],
            "mean AP": _interval(report["mean_ap"]),
            "macro F1": report["macro_f1"],
            "exactly right": _interval(report["exact_match"]),
        }
    )
    columns = ["label", "support", "predicted", "ap", "threshold", "f1"]
    print_table(report["per_class"], columns)


def _interval(measure: dict[str, float] | None) -> str:
    if measure is None:
        return "-"
    return f"{measure['value']:.3f} ({measure['low']:.3f} to {measure['high']:.3f})"
