"""One error out of the group in which a task group raises it."""


def only_failure(failures: BaseExceptionGroup[BaseException]) -> Exception | None:
    """The one error in a group, where it is alone."""
    if len(failures.exceptions) != 1:
        return None
    only = failures.exceptions[0]
    if isinstance(only, BaseExceptionGroup):
        return only_failure(only)
    return only if isinstance(only, Exception) else None
