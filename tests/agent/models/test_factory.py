"""The model factory: addresses, keys and the settings that matter on the wire."""

from __future__ import annotations

from typing import Any

import pytest

from causalcopilot.agent.models.factory import OLLAMA, make_model, probe
from causalcopilot.agent.models.settings import ModelSettings
from causalcopilot.errors import ConfigError
from causalcopilot.testing import Fault, Loopback, calls


@pytest.fixture(autouse=True)
def _no_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL", "ANTHROPIC_API_KEY"):
        monkeypatch.delenv(name, raising=False)


def inner(settings: ModelSettings) -> Any:
    model: Any = make_model(settings)
    return model.inner


def test_the_settings_that_differ_from_the_defaults() -> None:
    m = inner(ModelSettings("llama", "http://127.0.0.1:8000/v1", timeout=7.0))
    assert (m.model_name, m.openai_api_base) == ("llama", "http://127.0.0.1:8000/v1")
    assert (m.max_retries, m.stream_usage, m.use_responses_api, m.temperature) == (2, True, False, 0.0)
    assert m.request_timeout.read == 7.0
    assert m.openai_api_key.get_secret_value() == "none"
    assert m.http_client._trust_env is False


@pytest.mark.parametrize("name", ["openai:gpt-6-codex", "openai:o3-mini", "openai:gpt-5"])
def test_no_name_turns_on_the_responses_api(name: str) -> None:
    m = inner(ModelSettings(name, api_key="k"))
    assert m.use_responses_api is False
    assert m.openai_api_base is None or "openai.com" in m.openai_api_base


def test_other_hosts_go_through_the_proxy_of_the_environment() -> None:
    assert inner(ModelSettings("m", "https://models.example/v1")).http_client._trust_env is True


def test_reasoning_models_get_no_temperature() -> None:
    assert inner(ModelSettings("openai:o3-mini", api_key="k")).temperature is None
    assert inner(ModelSettings("openai:gpt-4.1", api_key="k")).temperature == 0.0


def test_ollama_is_its_compatible_address() -> None:
    m = inner(ModelSettings("ollama:llama3.1:8b"))
    assert (m.model_name, m.openai_api_base) == ("llama3.1:8b", OLLAMA)


def test_a_prefix_is_no_part_of_the_name_on_a_server_of_ones_own() -> None:
    assert inner(ModelSettings("openai:qwen", "http://localhost:1/v1")).model_name == "qwen"
    assert inner(ModelSettings("org/qwen:7b", "http://localhost:1/v1")).model_name == "org/qwen:7b"


def test_openai_needs_a_key_and_takes_its_own() -> None:
    with pytest.raises(ConfigError) as caught:
        make_model(ModelSettings("openai:gpt-4.1"))
    assert caught.value.exit_code == 78
    assert "OPENAI_API_KEY" in caught.value.hint
    assert "expert" in caught.value.hint


def test_the_key_for_openai_is_not_sent_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-mine")
    assert inner(ModelSettings("openai:gpt-4.1")).openai_api_key.get_secret_value() == "sk-mine"
    for settings in (ModelSettings("openai:x", "http://other.example/v1"), ModelSettings("ollama:x")):
        assert inner(settings).openai_api_key.get_secret_value() == "none"
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-ant")
    with Loopback(["hi"]) as server:
        make_model(ModelSettings("m", server.url)).invoke("x")
    assert server.headers[0]["authorization"] == "Bearer none"


def test_prompts_are_not_redirected_to_another_address() -> None:
    with Loopback(["stolen"]) as other:
        step = Fault(307, headers={"location": f"{other.url}/chat/completions"})
        with Loopback([step]) as server, pytest.raises(Exception, match="307"):
            make_model(ModelSettings("m", server.url)).invoke("x")
    assert other.requests == []


def test_a_bare_name_without_an_address_is_a_configuration_error() -> None:
    with pytest.raises(ConfigError) as caught:
        make_model(ModelSettings("gpt-4.1"))
    assert "openai:gpt-4.1" in caught.value.hint


def test_a_missing_provider_package_is_named() -> None:
    with pytest.raises(ConfigError) as caught:
        make_model(ModelSettings("anthropic:claude"))
    assert caught.value.hint == "pip install langchain-anthropic"


def test_an_unknown_provider_is_a_configuration_error() -> None:
    with pytest.raises(ConfigError, match="cannot use the model nonsense:x"):
        make_model(ModelSettings("nonsense:x"))


def test_keys_are_not_shown() -> None:
    assert "sk-secret" not in repr(ModelSettings("openai:x", api_key="sk-secret"))
    assert "sk-secret" not in repr(make_model(ModelSettings("openai:x", api_key="sk-secret")))


def test_cost_is_told_only_where_prices_are_configured() -> None:
    assert ModelSettings("x").cost(1000, 1000) is None
    assert ModelSettings("x", price_in=2.0, price_out=10.0).cost(1_000_000, 100_000) == 3.0


def test_probe_tells_what_a_server_can_do() -> None:
    with Loopback(["ready", calls(("ping", {"word": "ready"}))]) as server:
        found = probe(make_model(ModelSettings("m", server.url)))
    assert (found.answers, found.tools, found.streams, found.usage, found.problem) == (
        True,
        True,
        True,
        True,
        "",
    )
    with Loopback(["ready"], no_tools=True, usage=None) as server:
        found = probe(make_model(ModelSettings("m", server.url)))
    assert (found.answers, found.tools, found.streams, found.usage) == (True, False, True, False)
    assert "does not support tools" in found.problem
    assert "Thought / Action" in str(found)
    with Loopback([Fault(401, "no")]) as server:
        found = probe(make_model(ModelSettings("m", server.url)))
    assert (found.answers, found.problem) == (False, "the model failed: HTTP 401: no")
