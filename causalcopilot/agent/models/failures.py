"""What went wrong at the model or on the way to it, in our words."""

from __future__ import annotations

import re
import sys
from types import TracebackType

from causalcopilot.agent.models.privacy import redact
from causalcopilot.errors import CcpError, ModelError

_OWN = {"causalcopilot", "causalcopilot_tools", "tests", "__main__"}
_BROKEN_OFF = {"RemoteProtocolError", "ReadError", "ProtocolError", "ChunkedEncodingError", "IncompleteRead"}
_HINTS: tuple[tuple[str, str], ...] = (
    ("ContextOverflow", "give fewer columns, or choose a model with a larger context window"),
    ("Authentication", "check the API key: CCP_API_KEY, or OPENAI_API_KEY for openai:NAME"),
    ("PermissionDenied", "the API key may not use this model; choose another with -m"),
    (
        "NotFound",
        "check the model's name and the base URL (it usually ends in /v1); try ccp models list",
    ),
    ("RateLimit", "wait a little, or check the provider's quota; ccp run resume RUN goes on from here"),
    ("Timeout", "the model took too long; raise --timeout or try again with ccp run resume RUN"),
    ("Connection", "is the server running and the base URL right?  ccp models test -m MODEL checks it"),
    (
        "InvalidRequest",
        "the server does not take this request; ccp models test -m MODEL shows what it supports",
    ),
    ("BadRequest", "the server does not take this request; ccp models test -m MODEL shows what it supports"),
    ("InternalServer", "the server failed; try again later with ccp run resume RUN"),
    ("ModelAPI", "the server failed; try again later with ccp run resume RUN"),
)
_TOO_LONG = re.compile(
    r"context[_ ](?:length|window|size)|maximum context|prompt is too long|too many (?:input )?tokens"
    r"|input is too long|exceeds? the (?:available |model's )?context|\bn_ctx\b|token limit exceeded",
    re.I,
)
_ELSE = "check the base URL: it must lead to an OpenAI-compatible server, or use -m expert"


def is_final(error: Exception) -> bool:
    """Whether the server, or the client after its own retries, had the last word; a cut answer is not it."""
    from langchain_core.exceptions import ModelError as ProviderError

    cause: BaseException | None = error
    while cause is not None:
        if type(cause).__name__ in _BROKEN_OFF:
            return False
        cause = cause.__cause__
    return isinstance(error, ProviderError) or isinstance(getattr(error, "status_code", None), int)


def overflowed(error: BaseException) -> bool:
    """Whether the server says that the request is longer than the model takes; servers say it in many ways."""
    if any("ContextOverflow" in c.__name__ for c in type(error).__mro__):
        return True
    return getattr(error, "status_code", None) in (400, 413, 422, 500) and bool(_TOO_LONG.search(str(error)))


def is_ours(error: Exception) -> bool:
    """Whether our own code raised it, not the provider's client or langchain: a bug, to be shown as one."""
    if isinstance(error, CcpError):
        return True
    for module in reversed(_modules(error.__traceback__)):
        root = module.partition(".")[0]
        if root in sys.stdlib_module_names and root != "__main__":
            continue
        return root in _OWN or root.startswith("test_")
    return True


def _modules(trace: TracebackType | None) -> list[str]:
    """Names of the modules a traceback passes, outermost first."""
    names = []
    while trace is not None:
        names.append(str(trace.tb_frame.f_globals.get("__name__", "")))
        trace = trace.tb_next
    return names


def model_error(error: Exception) -> ModelError:
    """A provider's exception as ours: one line, and what to do about it."""
    kinds = [c.__name__ for c in type(error).__mro__]
    kinds += ["ContextOverflow"] if overflowed(error) else []
    hint = next((h for word, h in _HINTS if any(word in k for k in kinds)), _ELSE)
    return ModelError(f"the model failed: {_one_line(error)}", hint)


def _one_line(error: Exception) -> str:
    body = getattr(error, "body", None)
    said = body.get("message") if isinstance(body, dict) else None
    status = getattr(error, "status_code", None)
    text = redact(" ".join(str(said or error or type(error).__name__).split()))  # before a cut
    if status and str(status) not in text:
        text = f"HTTP {status}: {text}"
    return text if len(text) <= 300 else text[:299] + "…"
