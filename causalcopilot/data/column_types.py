"""What kind of variable a column is.

Rules, first match wins; ``types`` from the user or the knowledge file override them:

========== ==========================================================================================
constant   no value or a single one
binary     two distinct values, whatever they are (0/1, yes/no, a boolean)
date       stored as date or time
text       text with more than 50 distinct values that is mostly distinct: ``identifier`` where cells are
           short and hold no spaces, else ``text``; any other text column is ``nominal``
identifier whole numbers, all distinct: a gapless run over the rows (a row number), or a name like ``id``,
           ``patient_id``, ``seqn``; repeated whole numbers with such a name and more than 20 of them too
ordinal    numbers with at most 10 distinct values (at most a fifth of the rows): codes such as 1 to 5;
           a nominal code cannot be told from an ordered one by its values, so say it in the knowledge file
count      whole numbers that start at 0 or 1
continuous every other number
========== ==========================================================================================
"""

from __future__ import annotations

import re

from causalcopilot.data.describe import ColumnStats
from causalcopilot.domain.knowledge import ColumnType

FEW_LEVELS = 10
MANY_TEXTS = 50
MANY_UNITS = 20
_ID_NAME = re.compile(
    r"(^|[_\s.-])(id|ids|uid|uuid|guid|pid|seqn|idx|index|key|ssn|rownum|row_?id|record)$", re.I
)


def column_type(stats: ColumnStats) -> ColumnType:
    """The type of a column by the rules above."""
    if stats.distinct <= 1:
        return "constant"
    if stats.distinct == 2:
        return "binary"
    if stats.storage == "date":
        return "date"
    if stats.storage == "text":
        return _text_type(stats)
    return _number_type(stats)


def id_name(name: str) -> bool:
    """Whether a name says that the column identifies something."""
    return bool(_ID_NAME.search(name)) or bool(re.search(r"[a-z](ID|Id)$", name))


def _text_type(stats: ColumnStats) -> ColumnType:
    present = stats.rows - stats.missing
    unique = stats.distinct == present and (present > FEW_LEVELS or id_name(stats.name))
    if unique and id_name(stats.name):
        return "identifier"
    if stats.distinct <= MANY_TEXTS or stats.distinct <= 0.5 * present:
        return "nominal"
    return "identifier" if stats.spaced < 0.1 and stats.length <= 40 and unique else "text"


def _number_type(stats: ColumnStats) -> ColumnType:
    present = stats.rows - stats.missing
    unique = stats.distinct == present
    if stats.whole and unique and (id_name(stats.name) or (stats.run and present > FEW_LEVELS)):
        return "identifier"
    if stats.whole and id_name(stats.name) and stats.distinct > MANY_UNITS:
        return "identifier"
    if stats.distinct <= min(FEW_LEVELS, max(3, present // 5)):
        return "ordinal"
    if stats.whole and stats.minimum in (0, 1):
        return "count"
    return "continuous"
