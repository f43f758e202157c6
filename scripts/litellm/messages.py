# SPDX-License-Identifier: Apache-2.0
"""Anthropic's Messages, as scripts/litellm/provider.py answers them: what is read from the cache or written to it is counted
outside of `input_tokens`."""

import json


def is_route(path):
    return path.split("?")[0].endswith("/messages")


def usage_of(plan):
    usage = {
        "input_tokens": plan["input"], "output_tokens": plan["output"], "cache_read_input_tokens": plan["read"],
        "cache_creation_input_tokens": plan["write_5m"] + plan["write_1h"],
        "cache_creation": {"ephemeral_5m_input_tokens": plan["write_5m"], "ephemeral_1h_input_tokens": plan["write_1h"]},
        "service_tier": "standard",
    }
    if plan["searches"]:
        usage["server_tool_use"] = {"web_search_requests": plan["searches"]}
    # What the provider says of itself in this call, right or wrong.
    return {**usage, **plan.get("usage", {})}


def message(body, plan, **fields):
    return {
        "id": f"msg_{plan['once']}", "type": "message", "role": "assistant", "model": body["model"],
        "content": [{"type": "text", "text": "word " * 5}], "stop_reason": "end_turn", "stop_sequence": None,
        "usage": usage_of(plan), **fields}


def events(body, plan):
    """The first says what is known of the prompt, the last one all."""
    def event(kind, **fields):
        return f"event: {kind}\ndata: {json.dumps({'type': kind, **fields})}\n\n"
    usage = usage_of(plan)
    last = {name: usage[name] for name in ("input_tokens", "output_tokens", "cache_creation_input_tokens",
                                           "cache_read_input_tokens", "server_tool_use") if name in usage}
    usage.pop("server_tool_use", None)
    yield event("message_start", message=message(body, plan, content=[], stop_reason=None, usage={**usage, "output_tokens": 1}))
    yield event("content_block_start", index=0, content_block={"type": "text", "text": ""})
    for _ in range(plan.get("chunks", 3)):
        yield event("content_block_delta", index=0, delta={"type": "text_delta", "text": "word "})
    yield event("content_block_stop", index=0)
    yield event("message_delta", delta={"stop_reason": "end_turn", "stop_sequence": None}, usage=last)
    yield event("message_stop")
