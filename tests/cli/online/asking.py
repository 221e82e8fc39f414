"""Asking an online model by way of a server on this machine, and what is read afterwards."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from causalcopilot.testing import Loopback
from tests.cli.conftest import Ccp, Ran

ASKED = "Does quit increase gain?"


def plain(document: Any) -> Any:
    """What may not differ between two equal runs."""
    told = json.dumps({k: v for k, v in document.items() if k != "meta"}, ensure_ascii=False)
    # The word "column" stands before names that look like codes, as aliases do.
    return json.loads(told.replace("column ", ""))


def online(ccp: Ccp, table: Path, server: Loopback, *words: str, asked: str = ASKED) -> Ran:
    return ccp("ask", str(table), asked, "-m", "scripted", "--base-url", server.url, *words)


def last_run(ccp: Ccp) -> Any:
    return ccp("run", "show", "last", "--json").json["run"]


def runs(ccp: Ccp) -> int:
    return len(ccp("run", "list", "--json").json["runs"])


def bodies(server: Loopback) -> str:
    assert server.requests
    return json.dumps(server.requests, ensure_ascii=False)


def bodies_of_the_table(server: Loopback) -> str:
    """Everything sent but the instructions, which know no table, and the tools' descriptions."""
    told = [m for r in server.requests for m in r["messages"] if m["role"] != "system"]
    enums = re.findall(r'"enum": \[[^]]*\]', bodies(server).replace('\\"', '"'))
    return json.dumps(told, ensure_ascii=False).replace('\\"', '"') + "".join(enums)
