"""A tool call that the model wrote into its text instead of making it.

Shown to a person it reads like a deed and nothing was done. Merely to quote a tool's name, JSON or
code is no call: a title may be any of them. Sources: NousResearch/hermes-agent#83886,
14790897/MiqroForge-Desktop#1100; the marks are those of Gemini's, Gemma's, Qwen's, Llama's,
DeepSeek's, Kimi's, Cohere's and Mistral's own templates.
"""

import json
import re
from collections.abc import Collection
from typing import Final

_CODE_FENCE: Final = re.compile(r"^[ \t]*```\s*tool_(?:code|call)", re.I | re.M)
_MARKS: Final = re.compile(
    r"<(?:\w+:)?(?:tool_?calls?|invoke)\b|<function[_=]|<[|｜]?(?:tool|python_tag|start_action)"
    r"|<\|channel|<start_function_call>|\[TOOL_?CALLS?\]|✿FUNCTION|^>>>|\bto=functions\.",
    re.I | re.M,
)
_PAYLOAD: Final = re.compile(r"\{\s*\"|\[\s*\{")
_NEAR: Final = 120
"""Characters behind a mark in which a call names its tool or its arguments begin."""
_FENCED: Final = re.compile(r"```\w*(.*?)```", re.DOTALL)
_NAMES: Final = ("name", "tool", "tool_name", "function", "function_name", "action",
                 "recipient_name")  # fmt: skip
_ARGUMENTS: Final = ("arguments", "args", "parameters", "params", "input", "action_input")
_WRAPPERS: Final = ("tool_calls", "function_call", "tool_call", "function", "functionCall", "calls",
                    "tool_uses")  # fmt: skip
_MAX_DEPTH: Final = 8


def is_call_as_text(text: str, tool_names: Collection[str]) -> bool:
    """Whether a text is a call in disguise. Args: tool_names: that a call may name."""
    # `AddTask` and `addTask` are `add_task`.
    names = "|".join(re.escape(name).replace("_", "_?") for name in tool_names) or "(?!)"
    if _CODE_FENCE.search(text) or _is_marked(text, names):
        return True
    if _as_code(names).search(text) or _as_json(names).search(text):
        return True
    if _as_words(names).search(text):
        return True
    return any(_names_a_tool(_json(part), tool_names) for part in (text, *_FENCED.findall(text)))


def _is_marked(text: str, names: str) -> bool:
    named = re.compile(rf"(?<![A-Za-z])(?:{names})\b", re.I)
    for mark in _MARKS.finditer(text):
        near = text[mark.end() : mark.end() + _NEAR]
        before = text[max(0, mark.start() - _NEAR) : mark.start()]
        begins_line = not before.rpartition("\n")[2].strip(" \t`>")
        if _PAYLOAD.search(near) or (begins_line and named.search(near)):
            return True
    return False


def _as_code(names: str) -> re.Pattern[str]:
    """`add_task(title="milk")` or `<add_task>` as a line of its own."""
    before = (
        r"^[ \t>`\[]*(?:[-=]>\s*|(?:tool|function)?[ _]?call\s*:\s*)?"
        r"(?:\w+\s*=\s*|await\s+|return\s+)?(?:print\()?(?:\w+[.:])*"
    )
    after = r"(?:#.*|<[^>\n]*>)?\s*$"
    arguments = rf"(?:[ \t]*$|\s*\)[\s`;,)\]]*{after}|\s*(?:\w+\s*=|[\"'{{]).*[)\],;`]\s*{after})"
    return re.compile(
        rf"{before}(?:{names})\s*\({arguments}|^[ \t]*<(?:{names})\s*/?>", re.I | re.M
    )


def _as_words(names: str) -> re.Pattern[str]:
    """`Action: add_task`, of agents that are prompted in words."""
    said = r"^(?:action|tool|function|(?:tool|function)?[ _]?call)\s*:\s*(?:\w+[.:])*"
    return re.compile(rf"{said}(?:{names})\b", re.I | re.M)


def _as_json(names: str) -> re.Pattern[str]:
    """A line that begins like a call, though the whole may be no JSON."""
    name, arguments = "|".join(_NAMES), "|".join(_ARGUMENTS)
    called = rf"[\"'](?:{name})[\"']\s*:\s*[\"'](?:\w+[.:])*(?:{names})[\"']"
    before = r"^[ \t>`\[]*(?:\w*[ _]?call\s*:\s*)?"
    return re.compile(rf"{before}\{{\s*{called}\s*,\s*[\"'](?:{arguments})[\"']", re.I | re.M)


def _names_a_tool(value: object, tool_names: Collection[str], depth: int = _MAX_DEPTH) -> bool:
    if depth == 0:
        return False
    if isinstance(value, list):
        return any(_names_a_tool(item, tool_names, depth - 1) for item in value)
    if not isinstance(value, dict):
        return False
    named = [member for member in _NAMES if _is_tool(value.get(member), tool_names)]
    # A task may be called `add_task` and have a "name" in a list that is shown as JSON.
    if named and (named != ["name"] or len(value) == 1 or not value.keys().isdisjoint(_ARGUMENTS)):
        return True
    if len(value) == 1 and next(iter(value)) in tool_names:
        return True
    return any(_names_a_tool(value.get(one), tool_names, depth - 1) for one in _WRAPPERS)


def _is_tool(value: object, tool_names: Collection[str]) -> bool:
    return isinstance(value, str) and re.split("[.:/]", value)[-1] in tool_names


def _json(text: str) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None
