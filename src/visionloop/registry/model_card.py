"""The model card: what a person must know before using a model, drawn from its evidence.

After Mitchell et al., "Model Cards for Model Reporting", 2019, sections 4.1 to 4.9.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from visionloop.registry.entities import PackageFacts, ParityEvidence

_MAX_SLICES = 8
_MAX_PARAMETERS = 40


def render_model_card(
    facts: PackageFacts,
    parity: ParityEvidence,
    *,
    preprocessing: Mapping[str, Any],
    evaluation: Mapping[str, Any],
    training: Mapping[str, Any],
) -> str:
    """Return the card as Markdown; equal evidence gives equal text.

    Args:
        facts: what the package says about itself.
        parity: of the export.
        preprocessing: content of ``preprocessing.json``.
        evaluation: content of ``evaluation.json``.
        training: content of ``training.json``, or nothing.
    """
    report: Mapping[str, Any] = evaluation.get("report") or {}
    sections = [
        _summary(facts, report, preprocessing),
        _data(facts),
        _performance(evaluation, report),
        _limits(report),
        _training(training),
        _verification(parity, facts),
        _usage(preprocessing),
    ]
    return "\n\n".join(section for section in sections if section) + "\n"


def _summary(
    facts: PackageFacts, report: Mapping[str, Any], preprocessing: Mapping[str, Any]
) -> str:
    labels = ", ".join(report.get("labels") or []) or "see package.json"
    return (
        f"# {facts.name}\n\n"
        f"- Task: {facts.task}\n"
        f"- Classes: {labels}\n"
        f"- Input: {preprocessing.get('height')} x {preprocessing.get('width')} pixels, RGB, "
        f"{preprocessing.get('resize', 'squash')}\n"
        f"- Run: {facts.run_id or 'none'}\n"
        f"- Made with Visionloop {facts.code_version}"
    )


def _data(facts: PackageFacts) -> str:
    dataset = facts.dataset
    if dataset is None:
        return "## Training data\n\nNot recorded."
    return (
        f"## Training data\n\nDataset version {dataset.name}:{dataset.version}, "
        f"digest `{dataset.digest}`."
    )


def _performance(evaluation: Mapping[str, Any], report: Mapping[str, Any]) -> str:
    if not report:
        return "## Performance\n\nNo evaluation report is in the package."
    lines = [
        "## Performance",
        "",
        f"On {report['num_images']} images of the {evaluation.get('split')} split, with 95 % "
        "intervals:",
        "",
        *_headlines(report),
        "",
        f"| class | {'objects' if 'ap_50' in report else 'images'} | precision | recall |",
        "|---|---|---|---|",
    ]
    lines += [
        f"| {item['label']} | {item.get('support', item.get('num_images'))} | "
        f"{_measure(item['precision'])} | {_measure(item['recall'])} |"
        for item in report["per_class"]
    ]
    if confused := report.get("top_confusions"):
        pairs = ", ".join(
            f"{item['label']} taken for {item['predicted']} ({item['count']})"
            for item in confused[:3]
        )
        lines += ["", f"Most often mixed up: {pairs}."]
    return "\n".join(lines)


def _headlines(report: Mapping[str, Any]) -> list[str]:
    if "ap_50" in report:
        kind = "Mask" if report["task"] == "instance_segmentation" else "Box"
        return [
            f"- {kind} AP@.5 {_measure(report['ap_50'])}",
            f"- {kind} AP@[.50:.95] {_measure(report['ap'])}",
            f"- F1 at the operating thresholds {report['f1']:.3f}",
        ]
    if "miou" in report:
        return [
            f"- mIoU {_measure(report['miou'])}",
            f"- Dice {_measure(report['dice'])}",
            f"- Boundary IoU {_measure(report['boundary_iou'])}",
        ]
    if "mean_ap" in report:
        return [
            f"- Mean AP {_measure(report['mean_ap'])}",
            f"- Macro F1 at the operating thresholds {report['macro_f1']:.3f}",
        ]
    return [
        f"- Accuracy {_measure(report['accuracy'])}",
        f"- Macro F1 {report['macro_f1']:.3f}",
        f"- Expected calibration error {report['calibration_error']:.3f}",
    ]


def _limits(report: Mapping[str, Any]) -> str:
    slices: Sequence[Mapping[str, Any]] = report.get("slices") or []
    weak = [item for item in slices if item["is_weak"]]
    lines = ["## Limits", ""]
    if weak:
        lines.append("Worse than elsewhere, and not by chance (5 % false discovery rate), on:")
        lines.append("")
        lines += [
            f"- {item['attribute']} = {item['value']}: "
            f"{'accuracy' if 'accuracy' in item else 'score'} "
            f"{_measure(item.get('accuracy') or item['score'])} on {item['support']} images"
            for item in weak[:_MAX_SLICES]
        ]
    elif slices:
        lines.append(f"None of {len(slices)} slices is worse than the rest beyond chance.")
    else:
        lines.append("The images carry nothing that slices could be cut by.")
    lines += [
        "",
        "Classes that were not trained are answered with one of the trained ones. Cameras, light "
        "and parts unlike the training data lower the accuracy; watch the drift monitor.",
    ]
    return "\n".join(lines)


def _training(training: Mapping[str, Any]) -> str:
    parameters: Mapping[str, Any] = training.get("parameters") or {}
    if not parameters:
        return ""
    rows = [f"| {name} | {parameters[name]} |" for name in sorted(parameters)[:_MAX_PARAMETERS]]
    head = f"## Training\n\nRecipe {training.get('recipe')}, "
    head += f"{training.get('num_train_images', 'an unknown number of')} training images."
    return "\n".join([head, "", "| parameter | value |", "|---|---|", *rows])


def _verification(parity: ParityEvidence, facts: PackageFacts) -> str:
    return (
        "## Verification\n\n"
        f"The ONNX graph was scored against the checkpoint on {parity.num_images} images at "
        f"registration: largest difference {parity.max_abs_difference:.2g}, tolerated "
        f"{parity.tolerance:.2g}. `visionloop models verify {facts.name} VERSION` reads every "
        "byte again and checks the signature."
    )


def _usage(preprocessing: Mapping[str, Any]) -> str:
    size = f"({preprocessing.get('width')}, {preprocessing.get('height')})"
    return (
        "## Use without Visionloop\n\n"
        "```python\n"
        "import numpy, onnxruntime, PIL.Image, PIL.ImageOps\n"
        'photo = PIL.ImageOps.exif_transpose(PIL.Image.open("photo.jpg")).convert("RGB")\n'
        f"pixels = numpy.asarray(photo.resize({size}, 2))[None]\n"
        'session = onnxruntime.InferenceSession("model.onnx")\n'
        "probabilities, embedding = session.run("
        '["probabilities", "embedding"], {"images": pixels})\n'
        "```"
    )


def _measure(value: Mapping[str, Any] | float | None) -> str:
    if value is None:
        return "never predicted"
    if isinstance(value, int | float):
        return f"{value:.3f}"
    return f"{value['value']:.3f} ({value['low']:.3f} to {value['high']:.3f})"
