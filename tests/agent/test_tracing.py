"""What the environment asks for and a model call must not follow: tracing, and a proxy before the loopback."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from types import SimpleNamespace
from typing import Any

import pytest

from causalcopilot.testing import calls
from causalcopilot.toolkit.result import Result
from tests.agent.played import Played

ESTIMATE = ("estimate", {"treatment": "smokes", "outcome": "weight"})
X = calls(ESTIMATE)
FINE = SimpleNamespace(
    ok=True, result=Result("fine"), error=None, seconds=0.0, content='{"call":"t1","ok":true}', graphs=()
)
PATIENCE = 20.0
"""Seconds within which the loop must have noticed; generous, because test machines are loaded."""


@contextmanager
def sink() -> Iterator[tuple[str, list[bytes]]]:
    """A tracing endpoint that keeps what it gets."""
    got: list[bytes] = []

    class Sink(BaseHTTPRequestHandler):
        def log_message(self, format: str, *args: Any) -> None: ...

        def do_POST(self) -> None:
            got.append(self.rfile.read(int(self.headers.get("content-length", 0))))
            self.send_response(202)
            self.send_header("content-length", "0")
            self.end_headers()

        do_GET = do_POST

    server = HTTPServer(("127.0.0.1", 0), Sink)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}", got
    finally:
        server.shutdown()
        server.server_close()


@pytest.mark.parametrize(("asked", "traced"), [("", False), ("0", False), ("true", False), ("1", True)])
def test_prompts_are_traced_only_where_ccp_itself_is_asked(
    toolbox: Any, monkeypatch: pytest.MonkeyPatch, asked: str, traced: bool
) -> None:
    """Whatever the environment says to others."""
    from langchain_core.tracers.langchain import wait_for_all_tracers
    from langsmith import utils

    forget: Any = utils.get_env_var.cache_clear  # type: ignore[attr-defined]
    with sink() as (url, got):
        for name, value in {
            "LANGSMITH_TRACING": "true", "LANGCHAIN_TRACING_V2": "true", "LANGSMITH_API_KEY": "lsv2_x",
            "LANGSMITH_ENDPOINT": url, "LANGCHAIN_ENDPOINT": url, "LANGCHAIN_TRACING": "true",
        }.items():  # fmt: skip
            monkeypatch.setenv(name, value)
        monkeypatch.setenv("CCP_TRACE", asked)
        forget()
        try:
            assert utils.tracing_is_enabled(), "the environment asks for tracing"
            p = Played([calls(ESTIMATE), "done"], toolbox)
            assert utils.tracing_is_enabled(), "the caller's own context is left alone"
            end = time.monotonic() + (PATIENCE if traced else 0.3)
            while not got and time.monotonic() < end:
                time.sleep(0.05)
            if traced:
                wait_for_all_tracers()  # the sink must outlive what is still on its way
        finally:
            forget()
    assert p.messages[-1].text == "done"
    assert bool(got) == traced


def test_a_proxy_in_the_environment_does_not_catch_loopback(
    toolbox: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    assert Played(["done"], toolbox).messages[-1].text == "done"
    assert caplog.records == []
