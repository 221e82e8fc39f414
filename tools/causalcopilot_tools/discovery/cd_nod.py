"""CD-NOD: PC with the domain (or time) of each row as one more variable that nothing causes; takes knowledge.

Columns that the domain points at are those whose mechanism changes between domains. The search is our PC, so the
answer is a valid class of graphs; reference for its skeleton: causal-learn's ``cdnod``.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from causalcopilot.errors import KnowledgeError, NotApplicable
from causalcopilot.toolkit.tool import Card
from causalcopilot_tools.discovery.citests import citest, depth_of, notes_of
from causalcopilot_tools.discovery.found import ARROW, Found, Settings, from_arrows
from causalcopilot_tools.discovery.inputs import MIN_ROWS
from causalcopilot_tools.discovery.knowledge import Constraints
from causalcopilot_tools.discovery.order import arranged, restored
from causalcopilot_tools.discovery.prepared import Prepared

if TYPE_CHECKING:
    from causalcopilot_tools.discovery.core.pc import Limits, PcResult

CARD = Card(
    assumes=(
        "no hidden common causes but the domain",
        "faithfulness",
        "no cycles",
        "linear relations within each domain (test auto; any relation with rcot or kci)",
    ),
    data="numbers and categories, and a column of domains or time; rows with missing cells are left out",
    cost="0.2 s at 10 columns, 0.3 s at 30 where few columns change; with rcot or kci as in pc",
    source="Huang et al. 2020 (CD-NOD); Chow 1960; Brown & Forsythe 1974",
)


def search(data: Prepared, limits: Constraints, settings: Settings) -> Found:
    """Learn a CPDAG over the columns and the domain ``settings.domain``, whose column holds codes (``with_domain``).

    Raises:
        NotApplicable: too few complete rows.
        KnowledgeError: the knowledge requires a cause of the domain.
    """
    import numpy as np

    here, order = arranged(data)
    place = here.names.index(settings.domain)
    x = here.matrix[~np.isnan(here.matrix).any(axis=1)]
    if len(x) < MIN_ROWS + 2 * x.shape[1]:
        raise NotApplicable(
            f"cd_nod needs at least {MIN_ROWS + 2 * x.shape[1]} complete rows ({len(x)} given)",
            "give fewer columns, or use method pc",
        )
    bounds = _exogenous(limits.limits(here.names), here.names, place)
    result, test, said = _searched(replace(here, matrix=x), place, bounds, settings)
    marks = restored(from_arrows(result.skeleton.adjacent, result.arrows), order)
    dropped = data.rows - len(x)
    notes = [*said, *([f"{dropped:,} rows with missing cells were left out"] if dropped else [])]
    found = Found("cd_nod", "cpdag", marks)
    changed = changing(found, data.names, settings.domain)
    notes.append(
        f"mechanisms that change with {settings.domain}: {', '.join(changed)}"
        if changed
        else f"no mechanism was seen to change with {settings.domain}"
    )
    params = (
        ("alpha", settings.alpha),
        ("test", test),
        ("domain", settings.domain),
        ("domains", len(np.unique(x[:, here.blocks[place][0]]))),
        ("depth", result.skeleton.depth),
    )
    return replace(found, params=params, notes=tuple(notes))


def _searched(
    data: Prepared, place: int, limits: Limits, settings: Settings
) -> tuple[PcResult, str, list[str]]:
    """PC with the tests of linear change, or with a kernel test to which the domain is a category."""
    import numpy as np

    from causalcopilot_tools.discovery.core.change import DomainTest
    from causalcopilot_tools.discovery.core.pc import pc

    if settings.test == "auto":
        test = DomainTest(data.matrix, data.blocks, place)
        return pc(test, settings.alpha, limits, settings.max_depth), "linear_change", []
    q = data.matrix.shape[1]
    codes = data.matrix[:, data.blocks[place]]
    more = (codes == np.unique(codes)[1:]).astype(np.float64)
    blocks = tuple(q + np.arange(more.shape[1]) if i == place else b for i, b in enumerate(data.blocks))
    wide = replace(data, matrix=np.column_stack([data.matrix, more]), blocks=blocks)
    kernel = citest(wide, settings.test, settings.seed)
    result = pc(kernel, settings.alpha, limits, depth_of(settings.test, settings.max_depth))
    return result, settings.test, notes_of(settings.test, kernel, data)


def changing(found: Found, names: tuple[str, ...], domain: str) -> tuple[str, ...]:
    """Columns whose mechanism changes with the domain: those it points at."""
    row = found.marks[names.index(domain)]
    return tuple(n for n, mark in zip(names, row, strict=True) if mark == ARROW)


def _exogenous(limits: Limits, names: tuple[str, ...], place: int) -> Limits:
    """The limits, with no column a cause of the domain."""
    wanted = limits.required[:, place].nonzero()[0]
    if len(wanted):
        raise KnowledgeError(
            f"the knowledge requires {names[wanted[0]]} -> {names[place]}, but nothing causes a domain",
            "correct the knowledge file, or name another domain column",
        )
    forbidden = limits.forbidden.copy()
    forbidden[:, place] = True
    forbidden[place, place] = False
    return replace(limits, forbidden=forbidden)
