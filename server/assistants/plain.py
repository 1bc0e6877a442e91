"""Tools whose errors are in plain words: what was found, and what to do."""

from collections.abc import Awaitable, Callable
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from mcp.server.mcpserver import Context
from mcp.server.mcpserver.exceptions import ToolError, UnexpectedToolError
from mcp.server.mcpserver.tools import Tool
from pydantic import ValidationError

from graph.errors import EngineUnavailable, GraphError

_P = ParamSpec("_P")
_T = TypeVar("_T")

_LONGEST_WORD = 60


class PlainTool(Tool):
    """A tool that says in plain words what is wrong with its arguments."""

    async def run(
        self, arguments: dict[str, Any], context: Context[Any, Any], convert_result: bool = False
    ) -> Any:  # noqa: ANN401 -- as the SDK has it
        """Run the tool, if all its arguments are ones that it has."""
        known = list(self.parameters.get("properties", {}))
        if unknown := [each for each in arguments if each not in known]:
            named = ", ".join(repr(each[:_LONGEST_WORD]) for each in unknown[:5])
            raise ToolError(f"{self.name} takes no {named}; it takes {', '.join(known)}")
        try:
            return await super().run(arguments, context, convert_result)
        except UnexpectedToolError:
            raise
        except ToolError as error:
            cause = error.__cause__
            if isinstance(cause, ValidationError):
                raise ToolError(_faults(self.name, cause)) from error
            if isinstance(cause, ToolError):  # the SDK has put more before its words
                raise ToolError(str(cause)) from error
            raise


def _faults(name: str, error: ValidationError) -> str:
    faults = [
        f"{'.'.join(map(str, each['loc'])) or 'the arguments'}: {each['msg']}"
        for each in error.errors(include_url=False, include_input=False)[:5]
    ]
    return f"{name} cannot be asked so ({'; '.join(faults)}); correct that, and ask again"


def in_plain_words(function: Callable[_P, Awaitable[_T]]) -> Callable[_P, Awaitable[_T]]:
    """Return *function* with what goes wrong in the graph told to who asked."""

    @wraps(function)
    async def asked(*words: _P.args, **named: _P.kwargs) -> _T:
        try:
            return await function(*words, **named)
        except EngineUnavailable as error:
            raise ToolError(f"{error}; the same may succeed later") from error
        except GraphError as error:
            raise ToolError(str(error)) from error

    return asked
