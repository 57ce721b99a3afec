"""GenAI and MCP names of spans, attributes and metrics: the only place where they stand.

The conventions are experimental and live in a repository of their own; when a name changes there,
it changes here.
Source: github.com/open-telemetry/semantic-conventions-genai, "GenAI spans", "GenAI metrics", "MCP".
"""

from typing import Final

PROVIDER_NAME: Final = "gen_ai.provider.name"
OPERATION_NAME: Final = "gen_ai.operation.name"
REQUEST_MODEL: Final = "gen_ai.request.model"
CONVERSATION_ID: Final = "gen_ai.conversation.id"
AGENT_NAME: Final = "gen_ai.agent.name"
TOOL_NAME: Final = "gen_ai.tool.name"
TOOL_TYPE: Final = "gen_ai.tool.type"
TOOL_CALL_ID: Final = "gen_ai.tool.call.id"
RESPONSE_ID: Final = "gen_ai.response.id"
RESPONSE_MODEL: Final = "gen_ai.response.model"
FINISH_REASONS: Final = "gen_ai.response.finish_reasons"
INPUT_MESSAGES: Final = "gen_ai.input.messages"
OUTPUT_MESSAGES: Final = "gen_ai.output.messages"
SYSTEM_INSTRUCTIONS: Final = "gen_ai.system_instructions"
TOOL_CALL_ARGUMENTS: Final = "gen_ai.tool.call.arguments"
TOOL_CALL_RESULT: Final = "gen_ai.tool.call.result"
INPUT_TOKENS: Final = "gen_ai.usage.input_tokens"
OUTPUT_TOKENS: Final = "gen_ai.usage.output_tokens"

MCP_METHOD: Final = "mcp.method.name"
MCP_PROTOCOL_VERSION: Final = "mcp.protocol.version"
ERROR_TYPE: Final = "error.type"
STATUS_CODE: Final = "http.response.status_code"
REQUEST_METHOD: Final = "http.request.method"
RESEND_COUNT: Final = "http.request.resend_count"
SERVER_ADDRESS: Final = "server.address"
SERVER_PORT: Final = "server.port"
URL_FULL: Final = "url.full"
URL_TEMPLATE: Final = "url.template"

FALLBACK_MODEL: Final = "taskchat.model.fallback"
MODEL_REQUESTS: Final = "taskchat.model.requests"
TIME_TO_FIRST_TOKEN: Final = "taskchat.model.time_to_first_token"
"""Ours: the conventions know the time to a stream's first chunk, and not each answer is one."""

GEMINI: Final = "gcp.gemini"
"""Value of `gen_ai.provider.name` for the Gemini API (not Vertex AI)."""

CHAT: Final = "chat"
INVOKE_AGENT: Final = "invoke_agent"
EXECUTE_TOOL: Final = "execute_tool"
"""Values of `gen_ai.operation.name`."""

OPERATION_DURATION_METRIC: Final = "gen_ai_client_operation_duration_seconds"
TOKEN_USAGE_METRIC: Final = "gen_ai_client_token_usage"
"""`gen_ai.client.operation.duration` and `gen_ai.client.token.usage` as Prometheus spells them."""

DURATION_BUCKETS: Final = (0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48)
TOKEN_BUCKETS: Final = (1, 4, 16, 64, 256, 1024, 4096, 16384, 65536)
"""The bucket boundaries that the conventions ask for, as far as a turn can reach."""
