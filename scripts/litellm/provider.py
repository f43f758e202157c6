# SPDX-License-Identifier: Apache-2.0
"""A provider with the APIs of OpenAI and of Anthropic, on this machine: does what a call's prompt tells it, and keeps what it
was sent.

The prompt is JSON: {"call": "a name", "input": 100, "output": 50} gives an answer that counts so many tokens, and "read",
"write_5m" and "write_1h" so many more of the prompt that the cache has or gets, "searches" so many searches. Also
"seconds": how long it thinks, "chunks": of a stream, "pause": seconds after each chunk, "status": an error in place of an
answer, "times": only so often, "hang_up": after so many chunks the connection is cut (0: at once). What Anthropic
answers is made by scripts/litellm/messages.py."""

import json
import time

import loopback
import messages


class Provider(loopback.Loopback):
    methods = ("POST",)

    def __init__(self):
        self.seen = {}  # by the call's name: the requests, as (path, headers, body)
        super().__init__()

    def calls(self, name):
        with self.lock:
            return list(self.seen.get(name, []))

    def answer(self, handler):
        text = handler.rfile.read(int(handler.headers.get("Content-Length", 0))).decode()
        body = json.loads(text)
        plan = plan_of(body)
        with self.lock:
            earlier = self.seen.setdefault(plan["call"], [])
            earlier.append((handler.path, dict(handler.headers.items()), body))
            number = len(earlier)
        time.sleep(plan.get("seconds", 0))
        plan["once"] = f"{plan['call']}-{number}"
        if number <= plan.get("times", 1000) and "status" in plan:
            reply(handler, plan["status"], {"error": {"message": "the provider says no", "type": "trial", "code": "no"}})
        elif not body.get("stream") and plan.get("hang_up") == 0:
            handler.close_connection = True
        elif body.get("stream"):
            stream(handler, body, plan)
        else:
            reply(handler, 200, whole_answer(handler.path, body, plan))


def plan_of(body):
    prompt = body.get("prompt") or body.get("input") or [message["content"] for message in body.get("messages", [])][-1]
    while not isinstance(prompt, str):
        prompt = prompt[-1] if isinstance(prompt, list) else prompt.get("text") or prompt.get("content")
    return {"input": 100, "output": 50, "read": 0, "write_5m": 0, "write_1h": 0, "searches": 0, **json.loads(prompt)}


def reply(handler, status, value):
    text = json.dumps(value).encode()
    handler.send_response(status)
    handler.send_header("Content-Type", "application/json")
    handler.send_header("Content-Length", str(len(text)))
    handler.end_headers()
    handler.wfile.write(text)


def usage_of(plan):
    """What the cache has is inside the prompt."""
    prompt = plan["input"] + plan["read"]
    usage = {"prompt_tokens": prompt, "completion_tokens": plan["output"], "total_tokens": prompt + plan["output"]}
    return usage | ({"prompt_tokens_details": {"cached_tokens": plan["read"]}} if plan["read"] else {})


def whole_answer(path, body, plan):
    if messages.is_route(path):
        return messages.message(body, plan)
    start = {"id": plan["once"], "created": 1, "model": body["model"]}
    if path.endswith("/embeddings"):
        data = [{"object": "embedding", "index": 0, "embedding": [0.5, 0.5]}]
        return {"object": "list", "model": body["model"], "data": data,
                "usage": {"prompt_tokens": plan["input"], "total_tokens": plan["input"]}}
    if path.endswith("/responses"):
        return response_object(body, plan, "completed")
    if path.endswith("/chat/completions"):
        return {**start, "object": "chat.completion", "usage": usage_of(plan), "choices": [
            {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": "word " * 5}}]}
    return {**start, "object": "text_completion", "usage": usage_of(plan),
            "choices": [{"index": 0, "finish_reason": "stop", "text": "word " * 5, "logprobs": None}]}


def response_object(body, plan, status):
    return {
        "id": f"resp_{plan['once']}", "object": "response", "created_at": 1, "status": status, "error": None,
        "incomplete_details": None, "instructions": None, "metadata": body.get("metadata") or {}, "model": body["model"],
        "parallel_tool_calls": True, "temperature": 1, "tool_choice": "auto", "tools": [], "top_p": 1,
        "output": [] if status == "in_progress" else [
            {"type": "message", "id": "msg_1", "status": "completed", "role": "assistant",
             "content": [{"type": "output_text", "text": "word " * 5, "annotations": []}]}],
        "usage": None if status == "in_progress" else {
            "input_tokens": plan["input"] + plan["read"], "output_tokens": plan["output"],
            "total_tokens": plan["input"] + plan["read"] + plan["output"],
            "input_tokens_details": {"cached_tokens": plan["read"]}, "output_tokens_details": {"reasoning_tokens": 0}}}


def stream(handler, body, plan):
    handler.send_response(200)
    handler.send_header("Content-Type", "text/event-stream")
    handler.send_header("Transfer-Encoding", "chunked")
    handler.end_headers()
    for number, event in enumerate(events(handler.path, body, plan)):
        if plan.get("hang_up") == number:
            handler.close_connection = True
            return
        text = event.encode()
        handler.wfile.write(f"{len(text):x}\r\n".encode() + text + b"\r\n")
        handler.wfile.flush()
        time.sleep(plan.get("pause", 0))
    handler.wfile.write(b"0\r\n\r\n")


def events(path, body, plan):
    if messages.is_route(path):
        yield from messages.events(body, plan)
        return
    if path.endswith("/responses"):
        def event(kind, **fields):
            return f"event: {kind}\ndata: {json.dumps({'type': kind, **fields})}\n\n"
        yield event("response.created", response=response_object(body, plan, "in_progress"), sequence_number=0)
        for number in range(plan.get("chunks", 3)):
            yield event("response.output_text.delta", item_id="msg_1", output_index=0, content_index=0, delta="word ",
                        sequence_number=number + 1)
        yield event("response.completed", response=response_object(body, plan, "completed"), sequence_number=99)
        return
    chat = path.endswith("/chat/completions")
    start = {"id": plan["once"], "created": 1, "model": body["model"],
             "object": "chat.completion.chunk" if chat else "text_completion"}

    def chunk(text, reason):
        choice = {"index": 0, "finish_reason": reason}
        if chat:
            choice["delta"] = {"role": "assistant", "content": text} if text else {}
        else:
            choice |= {"text": text, "logprobs": None}
        return "data: " + json.dumps({**start, "choices": [choice]}) + "\n\n"
    for _ in range(plan.get("chunks", 3)):
        yield chunk("word ", None)
    yield chunk("", "stop")
    if (body.get("stream_options") or {}).get("include_usage"):
        yield "data: " + json.dumps({**start, "choices": [], "usage": usage_of(plan)}) + "\n\n"
    yield "data: [DONE]\n\n"
