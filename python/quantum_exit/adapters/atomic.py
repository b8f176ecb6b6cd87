"""Files that appear complete or not at all."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from os import PathLike
from pathlib import Path


@contextmanager
def replacing(path: str | PathLike[str]) -> Iterator[Path]:
    """Gives a new, empty file beside `path`; it takes the place of `path` when all went well.

    Where the block raises, `path` is as it was and the new file is gone.

    Raises:
        OSError: The folder of `path` cannot be written, or `path` is a folder.
    """
    target = Path(path)
    if target.is_dir():
        msg = f"{target} is a directory"
        raise IsADirectoryError(msg)
    temporary = target.with_name(f".{target.name}.{secrets.token_hex(8)}")
    temporary.touch(exist_ok=False)
    try:
        yield temporary
        temporary.replace(target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
