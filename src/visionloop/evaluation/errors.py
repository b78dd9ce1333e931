"""What can go wrong while judging a model."""

from __future__ import annotations

from visionloop.kernel.errors import Conflict, Invalid, NotFound, Unavailable


class EvaluationNotFound(NotFound):
    """No such evaluation in this project."""

    code = "evaluation_not_found"

    def __init__(self, evaluation_id: str, project: str) -> None:
        super().__init__(
            f"Project {project!r} has no evaluation {evaluation_id!r}.",
            evaluation_id=evaluation_id,
            project=project,
        )


class NothingToEvaluate(Invalid):
    """No labeled, readable image is left."""

    code = "nothing_to_evaluate"

    def __init__(self, where: str) -> None:
        super().__init__(
            f"There is no labeled, readable image to evaluate in {where}. "
            "Choose another split, or label some images and freeze a new version."
        )


class LabelUnknown(Invalid):
    """An image carries a label that the model does not know."""

    code = "label_unknown_to_model"

    def __init__(self, label: str, labels: tuple[str, ...]) -> None:
        super().__init__(
            f"The images carry the label {label!r}, and the model knows only "
            f"{', '.join(labels)}. Train on a dataset version that has this class.",
            label=label,
            labels=list(labels),
        )


class ModelUnusable(Invalid):
    """The ONNX graph is no classifier of ours."""

    code = "model_unusable"

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(
            f"The model {path} cannot be evaluated: {reason}. Expected a uint8 input "
            "[N,H,W,3] and the outputs 'probabilities' and 'embedding'.",
            path=path,
        )


class EvaluationExtrasMissing(Unavailable):
    """A package that judges objects is not installed."""

    code = "evaluation_extras_missing"

    def __init__(self, module: str) -> None:
        super().__init__(
            f"Judging objects needs the package {module!r}, which is not installed here. "
            "Install the training extra: pip install 'visionloop[train]'.",
            module=module,
        )


class ImagesDiffer(Conflict):
    """A paired comparison needs the same images on both sides."""

    code = "evaluated_images_differ"

    def __init__(self, num_shared: int, num_baseline: int, num_candidate: int) -> None:
        super().__init__(
            f"The evaluations share {num_shared} images (of {num_baseline} and {num_candidate}); "
            "a paired comparison needs the same images and labels. Evaluate both models on one "
            "dataset version and split.",
            num_shared=num_shared,
            num_baseline=num_baseline,
            num_candidate=num_candidate,
        )


class NoFeatureMap(Invalid):
    """The graph keeps no map of the image that an activation map could be drawn from."""

    code = "no_feature_map"

    def __init__(self) -> None:
        super().__init__(
            "The network keeps no feature map with rows and columns behind its last layers, so "
            "activation maps cannot be drawn; explanations by masking work for any network."
        )


class ExplanationExtrasMissing(Unavailable):
    """Taking graphs apart needs a package of the training extra."""

    code = "explanation_extras_missing"

    def __init__(self) -> None:
        super().__init__(
            "Activation maps need the package 'onnx'. Install it with: "
            "pip install 'visionloop[train]'"
        )


class ResponsibleReportNotFound(NotFound):
    """No Responsible AI report was made of this evaluation."""

    code = "responsible_report_not_found"

    def __init__(self, evaluation_id: str) -> None:
        super().__init__(
            f"No Responsible AI report was made of evaluation {evaluation_id!r} yet. Make one with "
            f"'visionloop evaluations explain {evaluation_id}' or on the evaluation's page.",
            evaluation_id=evaluation_id,
        )


class ModelGone(Conflict):
    """The evaluation names no run whose model could be looked into."""

    code = "evaluation_without_run"

    def __init__(self, evaluation_id: str) -> None:
        super().__init__(
            f"Evaluation {evaluation_id!r} is of no run or no data set version of this project, so "
            "its model cannot be looked into. Evaluate a finished run on a data set version.",
            evaluation_id=evaluation_id,
        )
