# SPDX-License-Identifier: Apache-2.0
"""Answers of servers as the streams that those servers would send. The SDKs read them too, so what is wrong here shows."""

import json


def pieces(text):
    """A text in two parts, so that a reader must put it together."""
    middle = len(text) // 2
    return text[:middle], text[middle:]


def sse(events, named=True):
    return "".join((f"event: {event['type']}\n" if named else "") + "data: " + json.dumps(event) + "\n\n" for event in events)


def chat(answer):
    choice = answer["choices"][0]
    message = choice["message"]
    deltas = [{"role": "assistant", "content": message["content"], "refusal": None}]
    for index, call in enumerate(message.get("tool_calls", [])):
        first, second = pieces(call["function"]["arguments"])
        deltas += [{"tool_calls": [{"index": index, **call, "function": {**call["function"], "arguments": ""}}]},
                   {"tool_calls": [{"index": index, "function": {"arguments": first}}]},
                   {"tool_calls": [{"index": index, "function": {"arguments": second}}]}]
    frame = {"id": answer["id"], "object": "chat.completion.chunk", "created": 1, "model": answer["model"]}
    chunks = [{**frame, "choices": [{"index": 0, "delta": delta, "finish_reason": None}]} for delta in deltas]
    chunks += [{**frame, "choices": [{"index": 0, "delta": {}, "finish_reason": choice["finish_reason"]}]},
               {**frame, "choices": [], "usage": {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}}]
    return sse(chunks, named=False) + "data: [DONE]\n\n"


def responses_item(index, item):
    place = {"item_id": item["id"], "output_index": index}
    if item["type"] == "function_call":
        empty = {**item, "arguments": "", "status": "in_progress"}
        return [{"type": "response.output_item.added", "output_index": index, "item": empty},
                *({"type": "response.function_call_arguments.delta", **place, "delta": piece} for piece in pieces(item["arguments"])),
                {"type": "response.function_call_arguments.done", **place, "name": item["name"], "arguments": item["arguments"]},
                {"type": "response.output_item.done", "output_index": index, "item": item}]
    message = item["type"] == "message"
    at = {**place, "content_index": 0} if message else {**place, "summary_index": 0}
    part = item["content" if message else "summary"][0]
    kind = "output_text" if message else "reasoning_summary_text"
    outer = "content_part" if message else "reasoning_summary_part"
    more = {"logprobs": []} if message else {}
    empty = {**item, "status": "in_progress", "content": []} if message else {"id": item["id"], "type": item["type"], "summary": []}
    return [{"type": "response.output_item.added", "output_index": index, "item": empty},
            {"type": f"response.{outer}.added", **at, "part": {**part, "text": ""}},
            *({"type": f"response.{kind}.delta", **at, **more, "delta": piece} for piece in pieces(part["text"])),
            {"type": f"response.{kind}.done", **at, **more, "text": part["text"]},
            {"type": f"response.{outer}.done", **at, "part": part},
            {"type": "response.output_item.done", "output_index": index, "item": item}]


def responses(answer):
    events = [{"type": "response.created", "response": {**answer, "status": "in_progress", "output": []}}]
    for index, item in enumerate(answer["output"]):
        events += responses_item(index, item)
    events.append({"type": "response.completed", "response": answer})
    return sse([{**event, "sequence_number": number} for number, event in enumerate(events)])


def messages_block(block):
    """The block as it starts, and its deltas."""
    if block["type"] == "thinking":
        return {**block, "thinking": "", "signature": ""}, [
            *({"type": "thinking_delta", "thinking": piece} for piece in pieces(block["thinking"])),
            {"type": "signature_delta", "signature": block["signature"]}]
    if block["type"] == "text":
        return {**block, "text": ""}, [{"type": "text_delta", "text": piece} for piece in pieces(block["text"])]
    if block["type"] == "tool_use":
        return {**block, "input": {}}, [{"type": "input_json_delta", "partial_json": piece}
                                        for piece in ("", *pieces(json.dumps(block["input"])))]
    return block, []


def messages(answer):
    events = [{"type": "message_start", "message": {**answer, "content": [], "stop_reason": None}}]
    for index, block in enumerate(answer["content"]):
        start, deltas = messages_block(block)
        events += [{"type": "content_block_start", "index": index, "content_block": start},
                   *({"type": "content_block_delta", "index": index, "delta": delta} for delta in deltas),
                   {"type": "content_block_stop", "index": index}]
    events += [{"type": "message_delta", "delta": {"stop_reason": answer["stop_reason"], "stop_sequence": None},
                "usage": {"output_tokens": 1}}, {"type": "message_stop"}]
    return sse(events)


def native(answer):
    message = answer["message"]
    deltas = [{member: piece} for member in ("thinking", "content") for piece in pieces(message.get(member, ""))]
    deltas += [{"tool_calls": [call]} for call in message.get("tool_calls", [])]
    lines = [{**answer, "done": False, "message": {"role": "assistant", "content": "", **delta}} for delta in deltas]
    for line in lines:
        del line["done_reason"]
    return "".join(json.dumps(line) + "\n" for line in [*lines, {**answer, "message": {"role": "assistant", "content": ""}}])


STREAMS = {"openai_chat": (chat, "text/event-stream"), "openai_responses": (responses, "text/event-stream"),
           "anthropic_messages": (messages, "text/event-stream"), "ollama_chat": (native, "application/x-ndjson")}
