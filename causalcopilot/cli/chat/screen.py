"""What a chat shows: answers as they stream in, one line per running tool, errors that end nothing."""

from __future__ import annotations

import re
import sys
import textwrap
from typing import TYPE_CHECKING, Any

from causalcopilot.cli.output import View, clean
from causalcopilot.cli.terminal import Flow, width
from causalcopilot.errors import CcpError

if TYPE_CHECKING:
    from causalcopilot.agent.conversation import Conversation
    from causalcopilot.agent.turn import Turn


HERE = {
    "ccp run resume RUN": "/retry",
    "ccp run list": "/run",
    "ccp graph list": "/graph list",
    "make one with: ccp discover DATA": "ask: draw the causal graph",
    "make one with: ccp analyze DATA": "ask a question first",
}
"""What a hint for the command line says in a chat."""


class Screen(View):
    """A ``View`` for a conversation.

    An online model's text is shown as it comes, with each reference replaced by its fact; it is not checked yet, so
    it goes to standard error, and what is printed as the answer is the checked text.  Without a terminal nothing is
    streamed.
    """

    def __init__(self, *args: Any, **given: Any) -> None:
        super().__init__(*args, **given)
        self._conversation: Conversation | None = None
        self._held = ""
        self._streamed = ""
        self._quiet = False
        self._flow = Flow(width(sys.stderr))

    def begin(self, conversation: Conversation, *, quiet: bool = False) -> None:
        """A turn begins; a quiet one asks nothing of the data, and a look at the table is not worth a line."""
        self._conversation, self._held, self._streamed = conversation, "", ""
        self._quiet = quiet
        self._flow = Flow(width(sys.stderr))

    def _token(self, event: Any) -> None:
        talk = self._conversation
        if not self.live or talk is None or talk.session.settings.model == "expert":
            return
        if talk.session.settings.strict:
            return
        self._stop()
        self._held += event.text
        open_at = self._held.rfind("{")
        whole = open_at < 0 or "}" in self._held[open_at:] or len(self._held) - open_at > 80
        ready, self._held = (self._held, "") if whole else (self._held[:open_at], self._held[open_at:])
        text = clean(self._filled(ready)) if "\n" not in ready else self._filled(ready)
        self._streamed += text
        sys.stderr.write(self._flow.feed(text))
        sys.stderr.flush()

    def _filled(self, text: str) -> str:
        """References replaced by their facts, as far as they are known."""
        from causalcopilot.report.claims import Untraceable, render, text_of

        talk = self._conversation
        facts = {k: {f.key: f for f in v.result.facts} for k, v in talk.results.items()} if talk else {}

        def fact(m: re.Match[str]) -> str:
            try:
                return text_of(render(m[0], facts, frozenset()))
            except Untraceable:
                return m[0]

        return re.sub(r"\{([^{}\n]*)\}", fact, text)

    def _tool_started(self, event: Any) -> None:
        self._close()
        if not (self._quiet and event.tool == "profile"):
            super()._tool_started(event)

    def _tool_finished(self, event: Any) -> None:
        if not (self._quiet and event.tool == "profile" and event.ok):
            super()._tool_finished(event)

    def _retry(self, event: Any) -> None:
        self._close()
        self._streamed = ""
        super()._retry(event)

    def _close(self) -> None:
        """End the line that was streamed."""
        if self._streamed:
            sys.stderr.write(self._flow.feed(self._held) + self._flow.end() + "\n")
            sys.stderr.flush()
            self._streamed = self._held = ""
            self._flow = Flow(width(sys.stderr))

    def answer(self, text: str, turn: Turn) -> None:
        """The checked answer; where it was streamed just so, only its first line is printed again."""
        streamed = _words(self._streamed)
        self._close()
        body = text.split("\n\n")
        if not streamed or turn.run.author == "expert" or streamed not in _words(text):
            self.result(text)
        elif turn.answer.answer is not None or turn.answer.verdict:
            self.result(body[0])

    def error(self, error: CcpError) -> None:
        """An error that ends nothing."""
        self._stop()
        self._close()
        hint = clean(error.hint)
        for outside, here in HERE.items():
            hint = hint.replace(outside, here)
        for word, said in (("error: ", clean(error.message)), ("hint:  ", hint)):
            if said:
                lines = textwrap.wrap(said, width(sys.stderr) - 7, break_long_words=False) or [""]
                print(word + "\n       ".join(lines), file=sys.stderr)

    def defect(self, error: Exception, verbose: bool) -> None:
        """A defect of ours, told without ending the talk."""
        text = " ".join(str(error).split())[:300]
        told = CcpError(f"internal error: {type(error).__name__}: {text}", "the chat goes on; report this")
        self.error(told)
        if verbose:
            import traceback

            traceback.print_exception(error, file=sys.stderr)


def _words(text: str) -> str:
    return " ".join(text.replace("**", "").replace("`", "").split())
