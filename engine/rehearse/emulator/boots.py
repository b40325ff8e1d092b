"""What an instance does at its boot, as far as others see it: its console, and the tag of its heartbeat."""

from __future__ import annotations

import base64
import binascii
import time
from typing import Any

from moto.ec2.models.instances import Instance

from . import accounts

SAYS = "runbook-nat:"
HEARTBEAT_TAG = "runbook:heartbeat"
KERNEL = "[    0.000000] Linux version 6.1 (emulated)"


def run(instance: Instance) -> None:
    """Boots an instance that has just come to run, as its user data and the account's orders say."""
    lines = getattr(instance, "console", [])
    lines.append(KERNEL)
    instance.console = lines
    text = user_data(instance)
    if SAYS not in text:
        return
    order = accounts.of(instance.ec2_backend).orders.boot()
    if order.outcome == "hang":
        lines.append("cloud-init: still at it")
    elif order.outcome == "fail":
        lines.append(f"{SAYS} failed: {order.reason}")
    elif order.outcome == "deaf":
        lines.append(f"{SAYS} forwarding")
        lines.extend([f"{SAYS} failed: {order.reason}"] if order.reason else [])
    elif order.outcome == "end":
        instance.terminate()
    else:
        lines.append(f"{SAYS} forwarding")
        if "heartbeat" in text:
            _publish_status(instance)


def _publish_status(instance: Instance) -> None:
    """Publishes the status of a heartbeat, which promises the next one for as late as it may."""
    status = f"healthy t={time.time():.0f} next=7200 within=3"
    instance.add_tags({HEARTBEAT_TAG: status})


def user_data(instance: Instance) -> str:
    """Returns the decoded user data; what is not base64 is none."""
    given: Any = instance.user_data
    if isinstance(given, list):
        given = given[0] if given else None
    try:
        return base64.b64decode(given or "", validate=True).decode()
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return ""


def console(instance: Instance) -> str | None:
    """Returns what the console has so far, as EC2 sends it; nothing before the first boot."""
    lines = getattr(instance, "console", [])
    if not lines:
        return None
    return base64.b64encode("".join(f"{line}\r\n" for line in lines).encode()).decode()
