"""What is wrong with a datastore, in one plain sentence, and what to do about it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Literal

from visionloop.data.errors import DatastoreUnavailable

Action = Literal["list", "read"]


@dataclass(frozen=True)
class Problem:
    """What keeps us from a store.

    Attributes:
        code: stable name of the kind of problem.
        sentence: what is wrong; no full stop, no secret.
        remedy: what to do about it, as a sentence.
    """

    code: str
    sentence: str
    remedy: str


@dataclass(frozen=True)
class _Sign:
    code: str
    pattern: str
    sentence: str
    remedy: str


# In order: what is said first about a store is what must be mended first.
_SIGNS: Final = (
    _Sign(
        "host_unknown",
        r"dns error|failed to lookup address|no address is known",
        "the host name is unknown",
        "Check account, region and endpoint for a typing mistake, and the DNS of the server.",
    ),
    _Sign(
        "identity_missing",
        r"token request|instance credentials|InstanceCredentials|metadata\.google|TokenRequest|"
        r"AssumeRole|managed identity",
        "the identity of this machine could not get a token",
        "Give the machine or pod an identity with rights on the store, or use a key.",
    ),
    _Sign(
        "unreachable",
        r"Connection refused|ConnectionRefused|tcp connect error|timed out|TimedOut|"
        r"Network is unreachable|connection closed",
        "nobody answers at the address",
        "Check endpoint and port, the firewall, and whether the store is up.",
    ),
    _Sign(
        "tls",
        r"certificate|tls|TLS|BadScheme|URL scheme is not allowed",
        "no trusted encrypted connection could be made",
        "Use an https endpoint with a certificate that this server trusts.",
    ),
    _Sign(
        "clock_skew",
        r"RequestTimeTooSkewed|Request date header too old|RequestExpired|"
        r"Date header in the request is incorrect",
        "the clock of this server and that of the store differ too much",
        "Set the clock of this server, for example with a time service such as chrony.",
    ),
    _Sign(
        "no_such_container",
        r"NoSuchBucket|ContainerNotFound|FilesystemNotFound|specified bucket does not exist",
        "there is no such bucket or container",
        "Check its name and account; names are lower case.",
    ),
    _Sign(
        "key_expired",
        r"ExpiredToken|TokenRefreshRequired|Signature not valid in the specified time frame|"
        r"Signature fields not well formed|AuthenticationFailed[\s\S]*expired",
        "the credentials have expired",
        "Store new ones with 'visionloop datastores rotate'.",
    ),
    _Sign(
        "wrong_region",
        r"PermanentRedirect|AuthorizationHeaderMalformed|301 Moved|IllegalLocationConstraint",
        "the bucket lies in another region",
        "Register the datastore with the option region of the bucket.",
    ),
    _Sign(
        "key_refused",
        r"InvalidAccessKeyId|SignatureDoesNotMatch|AuthenticationFailed|AuthorizationFailure\b|"
        r"InvalidAuthenticationInfo|401 Unauthorized|Unauthenticated|Invalid Access Key|"
        r"InvalidToken|invalid_grant|required configuration is missing|Unable to decode|"
        r"NoAuthenticationInformation|private key",
        "the store refused the key",
        "Check account and key, or store a new one with 'visionloop datastores rotate'.",
    ),
)
_NO_RIGHT: Final = re.compile(
    r"AccessDenied|403 Forbidden|AuthorizationPermissionMismatch|PermissionDenied|"
    r"AuthorizationResourceTypeMismatch|AuthorizationProtocolMismatch|PublicAccessNotPermitted|"
    r"lacked the necessary privileges"
)
_RIGHTS: Final[dict[Action, Problem]] = {
    "list": Problem(
        "no_list_right",
        "the credentials may not list the files",
        "Grant the right to list (S3: s3:ListBucket; Azure: list in the SAS token, or the role "
        "Storage Blob Data Reader; Google: storage.objects.list).",
    ),
    "read": Problem(
        "no_read_right",
        "the files can be listed but not read",
        "Grant the right to read (S3: s3:GetObject; Azure: read in the SAS token, or the role "
        "Storage Blob Data Reader; Google: storage.objects.get).",
    ),
}
EMPTY: Final = Problem(
    "empty",
    "the store answers, but there is no file below this address",
    "Check the prefix; it counts upper and lower case.",
)
# A SAS token travels in the query of an address, and libraries quote addresses in their errors.
_QUERY: Final = re.compile(r"\?[^\s,)\"']+")


def explain(text: str, *, action: Action = "list") -> Problem:
    """Say what an error of a store means.

    Args:
        text: what the library said; may be long, and may quote addresses with secrets.
        action: what was tried.
    """
    for sign in _SIGNS:
        if re.search(sign.pattern, text):
            return Problem(sign.code, sign.sentence, sign.remedy)
    if _NO_RIGHT.search(text):
        return _RIGHTS[action]
    lines = [line for line in text.strip().splitlines() if line.strip()]
    told = _QUERY.sub("", lines[0])[:300].rstrip(". ") if lines else "it gave no reason"
    return Problem("unknown", told, "Check the address and the credentials of the datastore.")


def unavailable(name: str, url: str, problem: Problem) -> DatastoreUnavailable:
    """Return the error that tells of a problem of a datastore."""
    return DatastoreUnavailable(
        name, url, problem.sentence, problem=problem.code, remedy=problem.remedy
    )
