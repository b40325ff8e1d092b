"""What one account has in OpsWorks at one regional endpoint."""

from __future__ import annotations

import json
import uuid
from datetime import datetime, timezone
from typing import Any

from moto.ec2.models import EC2Backend, ec2_backends

from .. import accounts, ec2_states
from ..accounts import Account

Fields = dict[str, Any]


class Refused(Exception):
    """An error that goes back to the caller."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


def invalid(message: str) -> Refused:
    """Returns the error for a request that cannot be met."""
    return Refused("ValidationException", message)


class Book:
    """Resources by id; each is a map of the API's own fields, and of ours with a low line."""

    def __init__(self, account_id: str, region: str) -> None:
        self.account_id = account_id
        self.region = region
        self.stacks: dict[str, Fields] = {}
        self.layers: dict[str, Fields] = {}
        self.instances: dict[str, Fields] = {}
        self.apps: dict[str, Fields] = {}
        self.deployments: dict[str, Fields] = {}
        self.commands: dict[str, Fields] = {}
        self.permissions: dict[tuple[str, str], Fields] = {}
        self.profiles: dict[str, Fields] = {}
        self.elastic_ips: dict[str, Fields] = {}

    @property
    def account(self) -> Account:
        """Returns the account, which keeps the time."""
        return accounts.ACCOUNTS.get(self.account_id)

    def ec2(self, region: str) -> EC2Backend:
        """Returns the account's EC2 in the region of a stack."""
        backend = ec2_backends[self.account_id][region]
        ec2_states.note_baseline(self.account, backend)
        return backend

    def arn(self, kind: str, resource_id: str) -> str:
        """Returns a resource's name in AWS's form."""
        return f"arn:aws:opsworks:{self.region}:{self.account_id}:{kind}/{resource_id}/"

    def find(self, kind: str, resource_id: str) -> Fields:
        """Returns the resource, or refuses as AWS does."""
        found = getattr(self, f"{kind}s").get(resource_id)
        if found is None:
            raise Refused(
                "ResourceNotFoundException", f"Unable to find {kind} with ID {resource_id}"
            )
        return found

    def of_stack(self, kind: str, stack_id: str) -> list[Fields]:
        """Returns a stack's resources of one kind, in the order of their creation."""
        self.find("stack", stack_id)
        return [one for one in getattr(self, f"{kind}s").values() if one["StackId"] == stack_id]


def new_id() -> str:
    """Returns an id in OpsWorks's form."""
    return str(uuid.uuid4())


def now() -> str:
    """Returns the time in OpsWorks's form."""
    return datetime.now(timezone.utc).isoformat(timespec="seconds")


def shown(resource: Fields) -> Fields:
    """Returns the fields that the API has, absent ones left out."""
    return {
        name: value
        for name, value in resource.items()
        if not name.startswith("_") and value is not None
    }


def exactly_one(asked: Fields, *names: str) -> str:
    """Returns which of the members was given; AWS wants one and only one."""
    given = [name for name in names if asked.get(name)]
    if len(given) != 1:
        raise invalid(f"Please provide exactly one of {', '.join(names)}")
    return given[0]


def check_json(asked: Fields) -> None:
    """Refuses custom JSON that is none."""
    text = asked.get("CustomJson")
    if not text:
        return
    try:
        parsed = json.loads(text)
    except ValueError as error:
        raise invalid(f"CustomJson: not valid JSON: {error}") from None
    if not isinstance(parsed, dict):
        raise invalid("CustomJson: not a JSON object")
