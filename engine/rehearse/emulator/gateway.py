"""The web application: finds account, service and operation, and has the right part answer."""

from __future__ import annotations

import importlib
import json
import re
import sys
import time
import traceback
import uuid
from collections.abc import Iterable
from threading import RLock
from typing import Any, Callable
from xml.sax.saxutils import escape

from botocore.exceptions import ClientError
from moto import backend_index
from werkzeug.wrappers import Request, Response

from . import accounts, control, iam, identity, opsworks, stale
from .accounts import ACCOUNTS, DEFAULT_ACCOUNT
from .ec2 import Ec2
from .orders import ALLOWED
from .stale import SNAPSHOTS

CREDENTIAL = re.compile(r"Credential=([^/,\s]+)/\d{8}/([^/]+)/([^/]+)/aws4_request")
REQUEST_ID = re.compile(r"(<(requestId|RequestId|RequestID)>)[^<]*(?=</\2>)")

Answer = tuple[int, dict[str, Any], Any]

accounts.install()
iam.install()
identity.install()


class Call:
    """One AWS request, as its signature and headers describe it."""

    def __init__(self, request: Request) -> None:
        found = CREDENTIAL.search(request.headers.get("Authorization", ""))
        key, region, service = found.groups() if found else (None, "us-east-1", "unknown")
        self.request = request
        self.signed = found is not None
        self.account = key if key and re.fullmatch(r"\d{12}", key) else DEFAULT_ACCOUNT
        self.region = region
        self.service = service.lower()
        self.target = request.headers.get("X-Amz-Target")
        self.operation = self._operation()

    def _operation(self) -> str:
        if self.target:
            return self.target.rsplit(".", 1)[-1]
        return self.request.values.get("Action", f"{self.request.method} {self.request.path}")

    def url(self) -> str:
        """Returns the address on AWS that the request would have gone to."""
        return f"https://{self.service}.{self.region}.amazonaws.com{self.request.full_path}"

    def error(self, status: int, code: str, message: str) -> Answer:
        """Returns an error in the dialect of the caller's protocol."""
        if self.target:
            return (
                status,
                {"x-amzn-ErrorType": code},
                json.dumps({"__type": code, "message": message}),
            )
        detail = f"<Code>{code}</Code><Message>{escape(message)}</Message>"
        if self.service == "ec2":
            body = f"<Response><Errors><Error>{detail}</Error></Errors><RequestID/></Response>"
        else:
            body = (
                f"<ErrorResponse><Error><Type>Sender</Type>{detail}</Error>"
                "<RequestId/></ErrorResponse>"
            )
        return status, {}, body


def _handler(call: Call) -> Callable[..., Any] | None:
    """Returns moto's handler for a service that has no strictness of ours."""
    if call.service == "ec2":
        return Ec2.dispatch
    host = f"https://{call.service}.{call.region}.amazonaws.com"
    for module, pattern in backend_index.backend_url_patterns:
        if pattern.match(host):
            paths = importlib.import_module(f"moto.{module}.urls").url_paths
            for path, handler in paths.items():
                if re.fullmatch(path.replace("{0}", ""), call.request.path):
                    return handler
    return None


def _ordered(call: Call) -> Answer | None:
    """Returns the error that the call's account was told to answer, or that a dry run ends with."""
    refusal = ACCOUNTS.get(call.account).orders.refusal(call.operation)
    if refusal:
        return call.error(refusal.status, refusal.code, refusal.message)
    if call.service == "ec2" and call.request.form.get("DryRun") == "true":
        return call.error(412, "DryRunOperation", ALLOWED)
    return None


def _answer(call: Call) -> Answer:
    if not call.signed:
        return call.error(403, "MissingAuthenticationToken", "The request is not signed.")
    ordered = _ordered(call)
    if ordered:
        return ordered
    if call.service == "opsworks":
        return opsworks.answer(call.account, call.region, call.operation, call.request.get_data())
    try:
        handler = _handler(call)
    except ImportError as error:
        return call.error(400, "NotEmulated", f"{call.service} is not emulated here: {error}")
    if handler is None:
        return call.error(400, "NotEmulated", f"{call.service} is not emulated here.")
    return handler(call.request, call.url(), dict(call.request.headers))


def _guarded(call: Call) -> Answer:
    """Turns what moto raises into what AWS would have said."""
    try:
        return _answer(call)
    except ClientError as error:
        told = error.response["Error"]
        return call.error(400, str(told["Code"]), str(told["Message"]))
    except NotImplementedError as error:
        why = str(error).split(" Feel free")[0]
        return call.error(400, "NotEmulated", f"{call.operation}: {why}")
    except Exception as error:  # noqa: BLE001 - a fault of one request must not end the server
        traceback.print_exc(file=sys.stderr)
        return call.error(500, "InternalError", f"{type(error).__name__}: {error}")


class Gateway:
    """Serves one request at a time: moto's resources are not made for threads."""

    def __init__(self) -> None:
        self._lock = RLock()

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        request = Request(environ)
        with self._lock:
            if request.path.startswith("/_rehearse/"):
                response = control.answer(request)
            else:
                response = self._serve(request)
        return response(environ, start_response)

    def _serve(self, request: Request) -> Response:
        # Kept for a snapshot: reading the form below uses it up.
        request.get_data()
        call = Call(request)
        at = time.time_ns() // 1000
        snapshot = SNAPSHOTS.of(call.account, call.operation)
        if snapshot:
            response = snapshot.answer(request)
        elif (lag := _lag(call)) is not None:
            response = self._followed_by_stale_reads(call, lag)
        else:
            response = _respond(call)
        _note(call, response, at)
        return response

    def _followed_by_stale_reads(self, call: Call, seconds: float) -> Response:
        ACCOUNTS.get(call.account).settle()
        snapshot = SNAPSHOTS.take(call.account, _as_it_was)
        response = _respond(call)
        snapshot.last(seconds)
        return response


def _lag(call: Call) -> float | None:
    asked = call.request.headers.get(stale.HEADER)
    return float(asked) if asked else ACCOUNTS.get(call.account).orders.lag_behind(call.operation)


def _as_it_was(request: Request) -> Response:
    """Answers in a snapshot: nothing that is pending happens there any more."""
    call = Call(request)
    ACCOUNTS.get(call.account).freeze()
    return _respond(call)


def _respond(call: Call) -> Response:
    # moto takes the account from this header before anything else.
    call.request.environ["HTTP_X_MOTO_ACCOUNT_ID"] = call.account
    ACCOUNTS.get(call.account).settle()
    status, headers, body = _guarded(call)
    request_id = str(uuid.uuid4())
    if isinstance(body, str):
        body = REQUEST_ID.sub(rf"\g<1>{request_id}", body)
        body = re.sub(r"<(RequestID|RequestId)/>", rf"<\1>{request_id}</\1>", body)
    return _response(int(status), headers, body, call, request_id)


def _note(call: Call, response: Response, at: int) -> None:
    ACCOUNTS.get(call.account).requests.append(
        {
            # Microseconds of the same clock as the journal's.
            "at": at,
            "service": call.service,
            "operation": call.operation,
            "region": call.region,
            "status": response.status_code,
            "client_token": call.request.form.get("ClientToken"),
            "user_agent": call.request.headers.get("User-Agent", ""),
            "request_id": response.headers["x-amzn-RequestId"],
        }
    )


def _response(
    status: int, headers: dict[str, Any], body: Any, call: Call, request_id: str
) -> Response:
    kept = {
        name: str(value)
        for name, value in headers.items()
        if name.lower() not in {"status", "content-length", "x-amzn-requestid", "server", "date"}
    }
    kept["x-amzn-RequestId"] = request_id
    response = Response(body, status=status, headers=kept)
    if "content-type" not in {name.lower() for name in kept}:
        json_dialect = "application/x-amz-json-1.1"
        response.headers["Content-Type"] = json_dialect if call.target else "text/xml;charset=UTF-8"
    return response
