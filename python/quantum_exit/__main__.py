"""`python -m quantum_exit`: the same as the `quantum-exit` command."""

import sys

_INTERRUPTED = 130


def main(prog_name: str | None = None) -> int:
    """Runs the command line and gives its exit code.

    Args:
        prog_name: Name of the program in messages; None = that of the process.
    """
    try:
        # Loading takes a while, in which somebody may change their mind.
        from quantum_exit.app import cli  # noqa: PLC0415 - see above
    except KeyboardInterrupt:
        return _INTERRUPTED
    return cli.main(prog_name=prog_name)


if __name__ == "__main__":
    sys.exit(main("quantum-exit"))
