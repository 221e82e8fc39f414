"""A scripted OpenAI-compatible Chat Completions server on 127.0.0.1, for tests (stdlib only).

    from causalcopilot.testing import Fault, Loopback, calls

    with Loopback([calls(("profile", {})), Fault(429, headers={"retry-after": "0"}), "All done."]) as server:
        ...                      # point a model at server.url; any key will do
    assert server.requests[0]["messages"][0]["role"] == "system"

Each entry of the script answers one POST, in order: a ``str`` is a text answer, ``calls(...)`` asks for
tool calls, ``Reply`` gives full control, ``Fault`` is an HTTP error, a delay or a stream that breaks off, and
a function of the request (a ``dict``) returns any of these.  When the script is used up the server answers
400 and says so, so that a test never waits for retries.  It streams when the client asks for a stream.
"""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any

Request = dict[str, Any]


@dataclass(frozen=True)
class Reply:
    """One answer of the model.

    Attributes:
        text: its text.
        calls: tool name and arguments each; arguments as data, or as a ``str`` that is sent as it stands
            (cut JSON, say).
        ids: call ids; made up when not given.
        finish: finish reason; ``None`` gives the usual one, empty leaves it out, as some servers do.
        refusal: OpenAI's refusal field.
    """

    text: str = ""
    calls: tuple[tuple[str, Any], ...] = ()
    ids: tuple[str, ...] = ()
    finish: str | None = None
    refusal: str = ""

    @property
    def finish_reason(self) -> str | None:
        """What the wire says."""
        if self.finish is None:
            return "tool_calls" if self.calls else "stop"
        return self.finish or None

    def tool_calls(self) -> list[dict[str, Any]]:
        """The calls in the shape of the Chat Completions API."""
        return [
            {
                "index": i,
                "id": self.ids[i] if self.ids else f"call_{i}_{name}",
                "type": "function",
                "function": {"name": name, "arguments": args if isinstance(args, str) else json.dumps(args)},
            }
            for i, (name, args) in enumerate(self.calls)
        ]


@dataclass(frozen=True)
class Fault:
    """One failure.

    Attributes:
        status: HTTP status.
        message: error message in the body.
        headers: further headers (``retry-after``).
        hang: seconds before answering.
        cut_after: for a streamed request: break off after this many events instead of failing.
        reset: break off without ending the body, as when a proxy dies; else it ends as if all was well.
        body: raw body (a web page where an API was expected), instead of an error in JSON.
    """

    status: int = 500
    message: str = "scripted fault"
    headers: Mapping[str, str] = field(default_factory=dict)
    hang: float = 0.0
    cut_after: int | None = None
    reset: bool = False
    body: str = ""


Step = str | Reply | Fault
Script = Iterable[Step | Callable[[Request], Step]]


def calls(*pairs: tuple[str, Any], text: str = "") -> Reply:
    """An answer that calls tools: ``calls(("estimate", {...}), ("refute", {...}), text="Thought: ...")``."""
    return Reply(text, pairs)


class Loopback:
    """The server; a context manager.

    Args:
        script: answers in order.
        models: names for ``GET /v1/models``.
        usage: tokens in and out that every answer reports; ``None`` reports none, as some servers do.
        no_tools: answer 400 to every request that offers tools, as servers do for models that have none;
            such a request uses up no entry of the script.

    Attributes:
        requests: body of every POST, in order.
        headers: its headers, names in lower case.
        remaining: what is left of the script.
    """

    def __init__(
        self,
        script: Script,
        *,
        models: Sequence[str] = ("scripted",),
        usage: tuple[int, int] | None = (100, 20),
        no_tools: bool = False,
    ) -> None:
        self.remaining = list(script)
        self.models, self.usage, self.no_tools = tuple(models), usage, no_tools
        self.requests: list[Request] = []
        self.headers: list[dict[str, str]] = []
        self.closing = threading.Event()
        self._lock = threading.Lock()
        handler = type("Handler", (_Handler,), {"owner": self})
        self._server = _Server(("127.0.0.1", 0), handler)

    @property
    def url(self) -> str:
        """Base URL to give to a client."""
        return f"http://127.0.0.1:{self._server.server_address[1]}/v1"

    def __enter__(self) -> Loopback:
        serve = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
        )
        serve.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.closing.set()
        self._server.shutdown()
        self._server.server_close()

    def step(self, request: Request, headers: dict[str, str]) -> Reply | Fault:
        """Record one request and say how to answer it."""
        with self._lock:
            self.requests.append(request)
            self.headers.append(headers)
            if self.no_tools and request.get("tools"):
                return Fault(400, f"{request.get('model')} does not support tools")
            if not self.remaining:
                return Fault(400, "the script is used up")
            step = self.remaining.pop(0)
        try:
            found = step(request) if callable(step) else step
        except Exception as error:  # the test reads it as the client's error, not as a dead connection
            return Fault(400, f"the script raised {type(error).__name__}: {error}")
        return Reply(found) if isinstance(found, str) else found

    def usage_json(self) -> dict[str, int] | None:
        """What an answer reports as used."""
        if self.usage is None:
            return None
        sent, made = self.usage
        return {"prompt_tokens": sent, "completion_tokens": made, "total_tokens": sent + made}


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that drops a kept-open connection is no news; anything else is told as ever."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    owner: Loopback

    def log_message(self, format: str, *args: Any) -> None:
        """Be quiet."""

    def do_GET(self) -> None:
        models = [{"id": m, "object": "model"} for m in self.owner.models]
        self._whole(200, json.dumps({"object": "list", "data": models}))

    def do_POST(self) -> None:
        request = json.loads(self.rfile.read(int(self.headers["content-length"])))
        step = self.owner.step(request, {k.lower(): v for k, v in self.headers.items()})
        try:
            self._answer(request, step)
        except OSError:  # the client hung up first, as a test of deadlines wants it to
            self.close_connection = True

    def _answer(self, request: Request, step: Reply | Fault) -> None:
        if isinstance(step, Fault):
            if step.hang and self.owner.closing.wait(step.hang):
                return None
            if step.cut_after is None or not request.get("stream"):
                error = {"error": {"message": step.message, "type": "server_error", "code": step.status}}
                return self._whole(step.status, step.body or json.dumps(error), step.headers)
            events = list(self._events(request, Reply("a partial answer that never ends " * 3)))
            return self._stream(events[: step.cut_after], "reset" if step.reset else "silent")
        if request.get("stream"):
            return self._stream(self._events(request, step), "done")
        return self._whole(200, json.dumps(self._completion(request, step)))

    def _whole(self, status: int, text: str, headers: Mapping[str, str] | None = None) -> None:
        body = text.encode()
        self.send_response(status)
        self.send_header("content-type", "application/json" if text[:1] in "{[" else "text/html")
        self.send_header("content-length", str(len(body)))
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def _completion(self, request: Request, reply: Reply) -> dict[str, Any]:
        message: dict[str, Any] = {"role": "assistant", "content": reply.text or None}
        if reply.refusal:
            message["refusal"] = reply.refusal
        if reply.calls:
            message["tool_calls"] = [{k: v for k, v in c.items() if k != "index"} for c in reply.tool_calls()]
        choice = {"index": 0, "message": message, "finish_reason": reply.finish_reason}
        whole = {**_head(request, "chat.completion"), "choices": [choice]}
        return whole | ({"usage": self.owner.usage_json()} if self.owner.usage else {})

    def _events(self, request: Request, reply: Reply) -> Iterator[dict[str, Any]]:
        """Chunks as servers send them: text in pieces, a call's name first, then its arguments in pieces."""
        head = _head(request, "chat.completion.chunk")
        for delta in _deltas(reply):
            yield {**head, "choices": [{"index": 0, "delta": delta, "finish_reason": None}]}
        if reply.finish_reason:
            yield {**head, "choices": [{"index": 0, "delta": {}, "finish_reason": reply.finish_reason}]}
        if self.owner.usage and (request.get("stream_options") or {}).get("include_usage"):
            yield {**head, "choices": [], "usage": self.owner.usage_json()}

    def _stream(self, events: Iterable[dict[str, Any]], ending: str) -> None:
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.send_header("transfer-encoding", "chunked")
        self.end_headers()
        for event in events:
            self._chunk(f"data: {json.dumps(event)}\n\n")
        if ending == "reset":
            self.connection.shutdown(2)
            self.close_connection = True
            return
        if ending == "done":
            self._chunk("data: [DONE]\n\n")
        self._chunk("")

    def _chunk(self, text: str) -> None:
        data = text.encode()
        self.wfile.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")
        self.wfile.flush()


def _head(request: Request, kind: str) -> dict[str, Any]:
    return {"id": "scripted", "object": kind, "created": 0, "model": request.get("model", "")}


def _deltas(reply: Reply) -> Iterator[dict[str, Any]]:
    yield {"role": "assistant", "content": ""}
    if reply.refusal:
        yield {"refusal": reply.refusal}
    for i in range(0, len(reply.text), 7):
        yield {"content": reply.text[i : i + 7]}
    for call in reply.tool_calls():
        function = call["function"]
        yield {"tool_calls": [{**call, "function": {"name": function["name"], "arguments": ""}}]}
        for i in range(0, len(function["arguments"]), 5):
            piece = function["arguments"][i : i + 5]
            yield {"tool_calls": [{"index": call["index"], "function": {"arguments": piece}}]}
