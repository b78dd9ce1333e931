"""What can go wrong between us and a store."""

from __future__ import annotations

from collections.abc import Sequence

from visionloop.kernel.errors import Conflict, Forbidden, Invalid


class OptionInvalid(Invalid):
    """An option of a datastore is not known, or has a value that makes no sense."""

    code = "datastore_option_invalid"

    def __init__(self, name: str, received: str, expected: str) -> None:
        super().__init__(
            f"Datastore option {name}={received!r} cannot be used: {expected}.",
            option=name,
            received=received,
            expected=expected,
        )


class CredentialsInvalid(Invalid):
    """Credentials are incomplete or of the wrong form; the message never repeats them."""

    code = "datastore_credentials_invalid"

    def __init__(
        self,
        auth: str,
        *,
        expected: Sequence[str] = (),
        missing: Sequence[str] = (),
        unknown: Sequence[str] = (),
        problem: str = "",
    ) -> None:
        told = [problem] if problem else []
        if missing:
            told.append(f"{', '.join(missing)} is missing")
        if unknown:
            told.append(f"{', '.join(unknown)} is not part of it")
        if not problem:
            told.append(f"expected {', '.join(expected) or 'no credentials'}")
        super().__init__(
            f"Credentials for {auth!r} cannot be used: {'; '.join(told)}.",
            auth=auth,
            expected=list(expected),
            missing=list(missing),
            unknown=list(unknown),
        )


class AddressRefused(Forbidden):
    """The address lies inside our own network, where only an administrator may point us."""

    code = "address_refused"

    def __init__(self, host: str, reason: str) -> None:
        super().__init__(
            f"{host} is not read: {reason}. An administrator can allow it for one datastore with "
            "'visionloop datastores add --allow-private'.",
            host=host,
            reason=reason,
        )


class FileRefused(Invalid):
    """One file of a datastore cannot be read, and trying again will not help."""

    code = "file_refused"

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(f"{path!r} cannot be read: {reason}.", path=path, reason=reason)


class DatastoreInUse(Conflict):
    """Images are read from the datastore."""

    code = "datastore_in_use"

    def __init__(self, name: str, num_images: int, num_watches: int = 0) -> None:
        super().__init__(
            f"Datastore {name!r} is still needed: {num_images} images are read from it in place "
            f"and {num_watches} watches look at it. Ingest the images as managed copies and "
            "remove the watches first.",
            name=name,
            num_images=num_images,
            num_watches=num_watches,
        )
