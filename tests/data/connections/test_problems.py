from __future__ import annotations

import pytest

from visionloop.data.connections.problems import explain

SKEWED = "403 Forbidden: <Error><Code>RequestTimeTooSkewed</Code>"
OLD = (
    "403 Forbidden: <Code>AuthenticationFailed</Code><AuthenticationErrorDetail>Request date "
    "header too old"
)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (SKEWED, "clock_skew"),
        (OLD, "clock_skew"),
        ("400 Bad Request: <Code>ExpiredToken</Code>", "key_expired"),
        ("301 Moved Permanently: <Code>PermanentRedirect</Code>", "wrong_region"),
        ("403 <Code>AuthorizationPermissionMismatch</Code>", "no_list_right"),
        ("401 Unauthorized", "key_refused"),
        ("invalid peer certificate: UnknownIssuer", "tls"),
        ("Error performing token request: ConnectionRefused", "identity_missing"),
    ],
)
def test_errors_are_told_apart(text: str, code: str) -> None:
    assert explain(text).code == code


def test_a_missing_right_depends_on_what_was_tried() -> None:
    assert explain("AccessDenied", action="read").code == "no_read_right"


def test_an_unknown_error_is_quoted_without_its_secrets() -> None:
    problem = explain("Odd GET https://lake.example/c/x?sv=1&sig=hush%3D in 3 ms\nmore\n")
    assert problem.code == "unknown"
    assert problem.sentence == "Odd GET https://lake.example/c/x in 3 ms"
