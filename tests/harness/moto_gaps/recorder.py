"""moto's recorder, in memory: its file mixes the lines of requests that come at the same time."""

import base64
import io
import json
from typing import Any

from moto.moto_api._internal.recorder.models import Recorder

_CALLS: list[str] = []


def _record_request(recorder: Recorder, request: Any, body: bytes | None = None) -> None:
    if not recorder._user_enabled or request.raw_path.startswith("/moto-api/"):
        return
    if body is None:
        body = request.environ["wsgi.input"].read(int(request.headers.get("Content-Length") or 0))
        request.environ["wsgi.input"] = io.BytesIO(body)
    _CALLS.append(
        json.dumps({
            "method": request.method,
            "url": request.raw_url,
            "headers": {name.lower(): value for name, value in request.headers.items()},
            "body": base64.b64encode(body).decode(),
        })
    )  # fmt: skip


def _reset_recording(_: Recorder) -> None:
    _CALLS.clear()


def _download_recording(_: Recorder) -> str:
    return "\n".join(_CALLS)


REPLACEMENTS = [
    (Recorder, "_record_request", _record_request),
    (Recorder, "reset_recording", _reset_recording),
    (Recorder, "download_recording", _download_recording),
]
