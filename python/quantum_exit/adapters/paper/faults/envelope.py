"""Answers of faults in the form of the WebSocket API."""

import json
from dataclasses import replace

from quantum_exit.adapters.paper.faults import answers
from quantum_exit.adapters.paper.hooks import Answer
from quantum_exit.adapters.paper.wire import JsonObject, Reply, Request


def enveloped(answer: Answer, request: Request) -> Answer:
    """`answer`, which knows REST replies, for a message of the WebSocket API.

    Args:
        answer: Makes a reply of the true one.
        request: The message.
    """
    if request.method != "WS":
        return answer

    def enveloping(true: Reply) -> Reply:
        inner = _inner(true)
        sent = answer(inner)
        if sent is inner and _is_envelope(true):
            return true
        return replace(sent, body=_outer(sent, request))

    return enveloping


def _is_envelope(reply: Reply) -> bool:
    return isinstance(reply.body, dict) and "status" in reply.body and "rateLimits" in reply.body


def _inner(true: Reply) -> Reply:
    body = true.body
    if not isinstance(body, dict) or not _is_envelope(true):
        return true
    return replace(true, body=body["result"] if "result" in body else body["error"])


def _outer(sent: Reply, request: Request) -> JsonObject:
    try:
        number = json.loads(request.body).get("id")
    except (ValueError, AttributeError):
        number = None
    part = "result" if answers.is_success(sent) else "error"
    return {"id": number, "status": sent.status, part: sent.body, "rateLimits": []}
