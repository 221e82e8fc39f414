"""``python -m causalcopilot`` is ``ccp``."""

from causalcopilot.cli import main

if __name__ == "__main__":
    main()
