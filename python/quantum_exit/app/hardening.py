"""What a process that holds keys does not leave behind."""

import sys


def no_core_dumps() -> None:
    """A crash writes no memory, and with it no key, to a file; nothing where there are none."""
    if sys.platform != "win32":
        import resource  # noqa: PLC0415 - POSIX only

        _, highest = resource.getrlimit(resource.RLIMIT_CORE)
        resource.setrlimit(resource.RLIMIT_CORE, (0, highest))
