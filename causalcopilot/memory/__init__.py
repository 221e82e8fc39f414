"""What ccp remembers: runs, calls, facts and named graphs, in one DuckDB file."""

from causalcopilot.memory.ids import new_run_id
from causalcopilot.memory.memory import Memory, MemoryFacts

__all__ = ["Memory", "MemoryFacts", "new_run_id"]
