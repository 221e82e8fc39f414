"""Data sets that need no file: cards of our own, tables generated here or read from ``causaldata``.

Third-party tables are never part of this repository.  Their cards (``datasets/*.toml``) describe them in our
own words; the values come from the ``causaldata`` package at the moment they are asked for.  Its Stata files
are read directly, since importing the package would import pandas and statsmodels.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from causalcopilot.domain.knowledge import Knowledge
from causalcopilot.errors import DataError, nearest

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, Any]

Table = tuple[tuple[str, ...], "list[Array]"]
"""Column names and columns of equal length."""


@dataclass(frozen=True, slots=True)
class Bundled:
    """One bundled data set.

    Attributes:
        name: as in ``dataset:NAME``.
        card: what is known about it.
        load: gives names and columns.
    """

    name: str
    card: Knowledge
    load: Callable[[], Table]


def bundled_names() -> tuple[str, ...]:
    """Names of all bundled data sets, in alphabetical order."""
    return tuple(sorted(_LOADERS))


@lru_cache(maxsize=16)
def bundled(name: str) -> Bundled:
    """One bundled data set with its card.

    Raises:
        DataError: no such data set; the hint names the nearest.
    """
    if name not in _LOADERS:
        near = nearest(name, bundled_names())
        names = ", ".join(f"dataset:{n}" for n in near or bundled_names())
        raise DataError(
            f"no bundled data set {name!r}", f"did you mean {names}?" if near else f"there are {names}"
        )
    from causalcopilot.data.knowledge_file import parse_knowledge
    from causalcopilot.resources import resource_dir

    text = (resource_dir("datasets") / f"{name}.toml").read_text(encoding="utf-8")
    return Bundled(name, parse_knowledge(text, "card"), _LOADERS[name])


def _causaldata(name: str) -> Table:
    """A table of the ``causaldata`` package, found without importing it."""
    from importlib.util import find_spec

    from causalcopilot.data.stata import read_stata

    spec = find_spec("causaldata")
    folders = list(spec.submodule_search_locations or []) if spec else []
    path = Path(folders[0]) / name / f"{name}.dta" if folders else None
    if path is None or not path.exists():
        raise DataError(
            f"the causaldata package has no table {name!r} here", "pip install 'causaldata>=0.1.5'"
        )
    return read_stata(path)


def _nhefs() -> Table:
    return _causaldata("nhefs_complete")


def _men(name: str) -> Table:
    """One sample of men, without the column that names the sample (it would give the treatment away)."""
    names, columns = _causaldata(name)
    kept = [i for i, n in enumerate(names) if n != "data_id"]
    return tuple(names[i] for i in kept), [columns[i] for i in kept]


def _nsw() -> Table:
    return _men("nsw_mixtape")


def _nsw_cps() -> Table:
    """The experiment's treated men stacked on the survey's men."""
    import numpy as np

    names, trial = _nsw()
    survey_names, survey = _men("cps_mixtape")
    treated = trial[names.index("treat")] == 1
    stacked = [
        np.concatenate([column[treated], survey[survey_names.index(name)]])
        for name, column in zip(names, trial, strict=True)
    ]
    return names, stacked


def _close_college() -> Table:
    return _causaldata("close_college")


def _thornton_hiv() -> Table:
    return _causaldata("thornton_hiv")


def _shop() -> Table:
    from causalcopilot.data.generate import simulated_shop

    return simulated_shop()


def _hidden() -> Table:
    from causalcopilot.data.generate import hidden_confounder

    return hidden_confounder()


_LOADERS: dict[str, Callable[[], Table]] = {
    "close_college": _close_college,
    "hidden_confounder": _hidden,
    "nhefs": _nhefs,
    "nsw": _nsw,
    "nsw_cps": _nsw_cps,
    "simulated_shop": _shop,
    "thornton_hiv": _thornton_hiv,
}
