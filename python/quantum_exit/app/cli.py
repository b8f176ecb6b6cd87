"""The command `quantum-exit`: commands, errors and exit codes.

Exit codes: 0 done, 1 failure, 2 bad usage or input, 130 interrupted. An error is one line on
stderr.
"""

import os
import sys
from collections.abc import Sequence
from importlib import import_module
from types import MappingProxyType
from typing import Final

import click
from click.shell_completion import get_completion_class

from quantum_exit._core import __version__
from quantum_exit.errors import (
    InputFileError,
    InterruptedStartError,
    InvalidInputError,
    OffGridError,
    QuantumExitError,
    TickFileError,
)

_FAILURE = 1
_BAD_INPUT = 2
_INTERRUPTED = 130


_MODULES: Final = MappingProxyType(
    {
        "bars": "replay_command",
        "close": "service_commands",
        "config": "config_command",
        "exchange": "exchange_command",
        "guard": "guard_command",
        "journal": "journal_command",
        "plan": "plan_command",
        "profiles": "profiles_command",
        "regimes": "regimes_command",
        "replay": "replay_command",
        "run": "run_command",
        "smoke": "smoke_command",
        "status": "service_commands",
        "sweep": "sweep_command",
    }
)


class _Commands(click.Group):
    """Loads a command when it is asked for: a position must not wait for what `run` does not use."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted([*super().list_commands(ctx), *_MODULES])

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        name = _MODULES.get(cmd_name)
        if name is None:
            return super().get_command(ctx, cmd_name)
        command = getattr(import_module(f"quantum_exit.app.{name}"), cmd_name)
        return command if isinstance(command, click.Command) else None


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="quantum-exit")
def commands() -> None:
    """Exit engine for leveraged crypto positions.

    Exit codes: 0 done, 1 failure, 2 bad usage or input, 3 a position is or was unprotected, 130
    interrupted.
    """


@commands.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def completion(context: click.Context, shell: str) -> None:
    """Print the script that teaches SHELL to complete this command.

    For bash: eval "$(quantum-exit completion bash)".
    """
    name = context.find_root().info_name or "quantum-exit"
    shell_class = get_completion_class(shell)
    if shell_class is None:
        raise InvalidInputError("SHELL", shell, "expected one of bash, zsh, fish")
    click.echo(shell_class(commands, {}, name, _complete_variable(name)).source())


def main(arguments: Sequence[str] | None = None, *, prog_name: str | None = None) -> int:
    """Runs the command line and gives its exit code.

    Args:
        arguments: Without the name of the program; None = those of the process.
        prog_name: Name of the program in messages; None = that of the process.
    """
    try:
        # Without standalone mode click raises its errors and returns the code of --help.
        code = commands.main(arguments, prog_name=prog_name, standalone_mode=False)
        sys.stdout.flush()
    except (click.Abort, KeyboardInterrupt):
        return _INTERRUPTED
    except click.ClickException as error:
        return _report(error.format_message(), _BAD_INPUT)
    except (InvalidInputError, InputFileError, TickFileError, OffGridError) as error:
        return _report(str(error), _BAD_INPUT)
    except BrokenPipeError:
        # Whoever read the output has had enough; the interpreter would complain at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return _FAILURE
    except (QuantumExitError, OSError, MemoryError) as error:
        code = error.exit_code if isinstance(error, InterruptedStartError) else _FAILURE
        return _report(str(error) or type(error).__name__, code)
    return code if isinstance(code, int) else 0


def _report(message: str, code: int) -> int:
    click.echo(f"error: {' '.join(message.split())}", err=True)
    return code


def _complete_variable(name: str) -> str:
    return f"_{name.replace('-', '_').replace('.', '_')}_COMPLETE".upper()
