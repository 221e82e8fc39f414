"""One process's engine: settings, memory, tools and worker, and the conversations that use them."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import replace
from types import TracebackType
from typing import TYPE_CHECKING, Any

from causalcopilot.agent.case import Case, open_case
from causalcopilot.agent.leftovers import scratch_folder
from causalcopilot.settings import Settings, Sourced

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

    from causalcopilot.agent.models.privacy import Privacy
    from causalcopilot.agent.models.settings import ModelSettings
    from causalcopilot.domain.question import Question


class Session:
    """Holds what is expensive to make: the registry, the memory and the warm worker.

    Use as a context manager; leaving it stops the worker and removes the scratch folder.
    """

    def __init__(self, sourced: Sourced, *, extra_path: tuple[str, ...] = ()) -> None:
        from causalcopilot.memory.memory import Memory
        from causalcopilot.toolkit.registry import load_tools
        from causalcopilot.toolkit.worker import Worker

        self.settings = sourced.settings
        self.worker = Worker(memory_mb=self.settings.max_memory, extra_path=extra_path)
        self.worker.start()
        self.memory = Memory(sourced.memory_path())
        self.registry = load_tools()
        self.scratch = scratch_folder()

    def __enter__(self) -> Session:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Stop the worker and remove the scratch folder."""
        self.worker.close()
        shutil.rmtree(self.scratch, ignore_errors=True)

    def open(self, source: Any, **given: Any) -> Case:
        """Read a table (see ``open_case``)."""
        return open_case(source, scratch=self.scratch, memory=self.memory, **given)

    def check_method(self, question: Question) -> None:
        """Refuse a ``--method`` that the tool answering this question does not know, before anything runs."""
        from causalcopilot.errors import UsageError, nearest
        from causalcopilot.toolkit.shape import shape_of

        search = "discover_series" if question.time else "discover"
        name = {"effect": "estimate", "graph": search, "explore": search}.get(question.kind)
        if name is None or question.method == "auto":
            return
        known = [
            str(choice)
            for p in self.registry.get(name).parameters
            if p.name == "method"
            for choice in shape_of(p.annotation).choices
        ]
        if question.method not in known:
            like = nearest(question.method, known, 1)
            raise UsageError(
                f"{name} has no method {question.method!r}",
                f"did you mean {like[0]!r}?" if like else f"methods: {', '.join(known)}",
            )

    @property
    def privacy(self) -> Privacy:
        """What may leave the machine."""
        from causalcopilot.agent.models.privacy import Privacy

        return Privacy(self.settings.privacy, self.settings.share_levels)

    def model(self, case: Case) -> BaseChatModel:
        """The expert, or the online model that was chosen by name, which sees only what privacy lets out."""
        if self.settings.model == "expert":
            from causalcopilot.agent.expert.expert import Expert

            return Expert()
        from causalcopilot.agent.models.factory import make_model
        from causalcopilot.errors import ConfigError

        if self.settings.offline:
            raise ConfigError(
                f"--offline forbids the model {self.settings.model!r}",
                "drop --offline, or drop -m to use the expert",
            )
        model = make_model(model_settings(self.settings))
        return self.privacy.guard(model, case.profile, case.knowledge, self.registry.private)


def model_settings(settings: Settings) -> ModelSettings:
    """How to reach the chosen model; ``--timeout`` bounds the wait for its next bytes too."""
    from causalcopilot.agent.models.settings import ModelSettings

    made = ModelSettings(
        settings.model,
        settings.base_url,
        settings.api_key,
        settings.tool_mode,
        settings.stream,
        price_in=settings.price_in,
        price_out=settings.price_out,
    )
    return made if settings.timeout is None else replace(made, timeout=settings.timeout)


def spoken_hint(environment: Mapping[str, str], model: str) -> str:
    """One line for a user whose key lies in the environment while the expert runs; else empty."""
    if model == "expert" and (environment.get("OPENAI_API_KEY") or environment.get("CCP_API_KEY")):
        return (
            "a key is set but nothing was sent: the built-in expert ran; choose a model with -m openai:NAME"
        )
    return ""
