"""`symgd` and `python -m symgd`: the command line in a process of its own."""

import os
import sys


def main() -> int:
    """Run one command and return its exit status. Matrices are small, and processes as many as cores: BLAS needs no threads."""
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    from .cli import main as command

    return command()


if __name__ == "__main__":
    sys.exit(main())
