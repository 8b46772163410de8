"""Entry point of ``tokensim``, of ``python -m tokensim_gui`` and of the bundle."""

import sys


def main() -> int:
    """Run the command line; returns the exit code."""
    if getattr(sys, "frozen", False):
        import multiprocessing

        multiprocessing.freeze_support()
    from tokensim_gui.cli import run

    return run(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
