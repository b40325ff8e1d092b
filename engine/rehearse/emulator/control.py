"""The emulator's own addresses, under `/_rehearse/`."""

from __future__ import annotations

import json
from typing import Any

from werkzeug.wrappers import Request, Response

from . import ec2_states, opsworks
from .accounts import ACCOUNTS, DEFAULT_ACCOUNT
from .census import census
from .stale import SNAPSHOTS


def answer(request: Request) -> Response:
    """Answers one control request with JSON."""
    try:
        return _answer(request)
    except (KeyError, ValueError) as error:
        return _json({"error": f"bad request: {error}"}, 400)


def _answer(request: Request) -> Response:
    account_id = request.args.get("account", DEFAULT_ACCOUNT)
    account = ACCOUNTS.get(account_id)
    name = request.path.rsplit("/", 1)[-1]
    if (request.method, name) == ("GET", "census"):
        account.settle()
        return _json(census(account))
    if (request.method, name) == ("GET", "requests"):
        return _json(account.requests)
    if (request.method, name) == ("POST", "pace"):
        account.settle()
        account.set_pace(float(request.args["seconds"]))
        return _json({"account": account_id, "pace": account.pace})
    if (request.method, name) == ("POST", "refuse"):
        operation, code = request.args["operation"], request.args["code"]
        account.orders.refuse(operation, code, float(request.args.get("times", "inf")))
        return _json({"account": account_id, "operation": operation, "code": code})
    if (request.method, name) == ("POST", "lag"):
        operation, seconds = request.args["operation"], float(request.args["seconds"])
        account.orders.lag(operation, seconds)
        if seconds == 0:
            SNAPSHOTS.forget(account_id)
        return _json({"account": account_id, "operation": operation, "seconds": seconds})
    if (request.method, name) == ("POST", "boot"):
        outcome, reason = request.args["outcome"], request.args.get("reason", "nft: as ordered")
        account.orders.boots(outcome, reason, float(request.args.get("times", "inf")))
        return _json({"account": account_id, "outcome": outcome})
    if (request.method, name) == ("POST", "forget"):
        account.settle()
        return _json({"account": account_id, "forgotten": ec2_states.forget_ended(account_id)})
    if (request.method, name) == ("POST", "reset"):
        _reset(account_id)
        return _json({"account": account_id})
    return _json({"error": f"no such address: {request.method} {request.path}"}, 404)


def _reset(account_id: str) -> None:
    opsworks.forget(account_id)
    SNAPSHOTS.forget(account_id)
    ACCOUNTS.forget(account_id)


def _json(value: Any, status: int = 200) -> Response:
    body = json.dumps(value, sort_keys=True)
    return Response(body, status=status, content_type="application/json")
