"""What can go wrong when labels come in from, or go out to, another annotation format."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from visionloop.kernel.errors import Conflict, Invalid, Unavailable


class FormatAmbiguous(Invalid):
    """Several annotation formats fit the folder; a person must say which one it is."""

    code = "format_ambiguous"

    def __init__(self, folder: str, found: Mapping[str, str]) -> None:
        facts = "; ".join(f"{name}: {why}" for name, why in found.items())
        choices = " or ".join(f"format={name}" for name in found)
        super().__init__(
            f"Cannot tell the annotation format of {folder}; several fit. {facts}. Name it with "
            f"{choices}, or format=images for the images alone.",
            folder=folder,
            found=dict(found),
        )


class FormatUnknown(Invalid):
    """No installed format has this name."""

    code = "format_unknown"

    def __init__(self, name: str, known: Sequence[str]) -> None:
        super().__init__(
            f"Annotation format {name!r} is unknown; expected auto, images or one of "
            f"{', '.join(known)}.",
            name=name,
            known=list(known),
        )


class FormatsMissing(Unavailable):
    """The built-in formats are not registered, because the installation is older than its code."""

    code = "formats_missing"

    def __init__(self) -> None:
        super().__init__(
            "The annotation formats are not registered: the installed package metadata is older "
            "than the code. Install the package again (pip install -e . in a checkout)."
        )


class ExportInvalid(Invalid):
    """An export contradicts itself, or a format cannot be written."""

    code = "export_invalid"

    def __init__(self, reason: str) -> None:
        super().__init__(f"Nothing can be exported: {reason}.", reason=reason)


class LossNotAccepted(Invalid):
    """The chosen format cannot hold all of the labels, and nobody agreed to the loss."""

    code = "loss_not_accepted"

    def __init__(self, format: str, sentences: Sequence[str]) -> None:
        super().__init__(
            f"Nothing was written, because {format} would lose something. {' '.join(sentences)} "
            "Choose another format, or agree with accept_loss (--accept-loss).",
            format=format,
            losses=list(sentences),
        )


class ArchiveRefused(Invalid):
    """An archive is broken or dangerous."""

    code = "archive_refused"

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(
            f"The archive {name} was not unpacked: {reason}. Expected a plain zip file.",
            name=name,
            reason=reason,
        )


class ExportNotReady(Conflict):
    """The export has not ended well, or left no file to download."""

    code = "export_not_ready"

    def __init__(self, job_id: str, state: str) -> None:
        super().__init__(
            f"Export {job_id} has no file to download: it is {state}. Wait until it has "
            "succeeded, or export again.",
            job_id=job_id,
            state=state,
        )


class LabelImportInvalid(Invalid):
    """A label import contradicts itself or names what is not there."""

    code = "label_import_invalid"

    def __init__(self, reason: str) -> None:
        super().__init__(f"Labels cannot be imported: {reason}.", reason=reason)
