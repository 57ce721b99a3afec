"""The MCP server: five tools to list, one place that answers every call, known or not.

FastMCP speaks the protocol (stateless, 2026-07-28 and the versions with a handshake) and checks
hosts. Calls are answered in its middleware, because it is the only place that also sees calls of
tools that do not exist, and those leave a row too.
"""

import json
from collections.abc import Mapping
from importlib.metadata import version
from typing import Any

import fastmcp
from fastmcp import FastMCP
from fastmcp.server.auth import AuthProvider
from fastmcp.server.dependencies import get_http_request
from fastmcp.server.middleware import CallNext, Middleware, MiddlewareContext
from fastmcp.tools import Tool, ToolResult
from mcp.server.context import CallNext as ServerCallNext
from mcp.server.context import HandlerResult, ServerRequestContext
from mcp_types import CallToolRequestParams, TextContent
from servicekit.problems import Unauthenticated

from mcp_tools.http_requests import refuse_request
from mcp_tools.identity import current_subject
from mcp_tools.spans import request_span
from mcp_tools.tool_calls.calls import RecordedCall
from mcp_tools.tool_calls.meta import TOOL_CALL
from mcp_tools.tool_calls.meta import TOOLS_VERSION as TOOLS_VERSION_KEY
from mcp_tools.tools.dispatch import Dispatch
from mcp_tools.tools.registry import TOOLS, TOOLS_VERSION


def create_server(dispatch: Dispatch, auth: AuthProvider) -> FastMCP:
    """Make the server.

    Args: dispatch: answers the calls. auth: refuses requests before they reach the protocol.
    """
    # Our spans follow the conventions, and cost nothing for the calls that the SDK makes of itself.
    fastmcp.settings.telemetry_mode = "off"
    server = FastMCP(
        "mcp-tools",
        version=version("taskchat-mcp-tools"),
        auth=auth,
        middleware=[AnswerCalls(dispatch)],
        mask_error_details=True,
        dereference_schemas=False,
    )
    for tool in TOOLS.values():
        server.add_tool(
            Tool(
                name=tool.name,
                description=tool.description,
                parameters=tool.input_schema,
                output_schema=tool.output_schema,
                annotations=tool.hints,
            )
        )
    # FastMCP 4.1.2 offers no way of its own to these two settings of the SDK's server.
    sdk_server = server._mcp_server
    sdk_server.middleware.insert(0, trace_request)
    # `Mcp-Param-*` headers are checked against schemas that declare them; ours declare none. The
    # SDK would run a whole tools/list before each call to find that out.
    sdk_server.get_tool_input_schema = _no_declared_headers
    return server


class AnswerCalls(Middleware):
    """Answers each tools/call."""

    def __init__(self, dispatch: Dispatch) -> None:
        self._dispatch = dispatch

    async def on_call_tool(
        self,
        context: MiddlewareContext[CallToolRequestParams],
        call_next: CallNext[CallToolRequestParams, ToolResult],
    ) -> ToolResult:
        """Hand the call on; `call_next` would look for a tool and find none to run."""
        subject = current_subject()
        name, arguments = context.message.name, context.message.arguments or {}
        try:
            recorded = await self._dispatch.answer(
                subject.verified,
                name,
                arguments,
                _meta(context),
                by_gateway=subject.proven is not None,
            )
        except Unauthenticated as refusal:
            refuse_request(get_http_request().scope, refusal)
            raise
        return _result(recorded)


async def trace_request(
    ctx: ServerRequestContext[Any, Any], call_next: ServerCallNext
) -> HandlerResult:
    """Give each request its span, and the list of tools its version."""
    params = ctx.params or {}
    meta = params.get("_meta")
    name = params.get("name") if ctx.method == "tools/call" else None
    with request_span(
        ctx.method,
        ctx.protocol_version,
        name if isinstance(name, str) and name in TOOLS else None,
        meta if isinstance(meta, Mapping) else {},
    ):
        result = await call_next(ctx)
    if ctx.method == "tools/list" and isinstance(result, dict):
        result["_meta"] = {**(result.get("_meta") or {}), TOOLS_VERSION_KEY: TOOLS_VERSION}
    return result


def _no_declared_headers(_: str) -> None:
    return None


def _meta(context: MiddlewareContext[CallToolRequestParams]) -> Mapping[str, object]:
    fastmcp_context = context.fastmcp_context
    request = fastmcp_context.request_context if fastmcp_context else None
    return (request.meta if request else None) or {}


def _result(recorded: RecordedCall) -> ToolResult:
    output, error = recorded.outcome.output, recorded.outcome.error
    told = output if error is None else error
    return ToolResult(
        content=[TextContent(type="text", text=json.dumps(told, ensure_ascii=False))],
        # Clients hold structured content against the output schema, of an error too, and throw.
        structured_content=dict(output or {}) if error is None else None,
        is_error=error is not None,
        meta={
            TOOL_CALL: {
                "id": str(recorded.id),
                "duration_ms": recorded.duration_ms,
                "replayed": recorded.replayed,
                "conflict": recorded.conflict,
            },
            TOOLS_VERSION_KEY: TOOLS_VERSION,
        },
    )
