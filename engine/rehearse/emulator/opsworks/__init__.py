"""OpsWorks Stacks, whole enough for the runbooks: AWS itself has closed it."""

from __future__ import annotations

import json
from functools import cache
from typing import Any, Callable

from botocore.loaders import Loader
from botocore.model import ServiceModel, Shape
from botocore.validate import ParamValidator

from . import apps, deployments, elastic_ips, instances, layers, permissions, profiles, stacks
from .book import Book, Refused, invalid

BOOKS: dict[tuple[str, str], Book] = {}

OPERATIONS: dict[str, Callable[[Book, dict[str, Any]], dict[str, Any]]] = {
    "AssociateElasticIp": elastic_ips.associate,
    "CreateApp": apps.create,
    "CreateDeployment": deployments.create,
    "CreateInstance": instances.create,
    "CreateLayer": layers.create,
    "CreateStack": stacks.create,
    "CreateUserProfile": profiles.create,
    "DeleteApp": apps.delete,
    "DeleteInstance": instances.delete,
    "DeleteLayer": layers.delete,
    "DeleteStack": stacks.delete,
    "DeleteUserProfile": profiles.delete,
    "DeregisterElasticIp": elastic_ips.deregister,
    "DescribeApps": apps.describe,
    "DescribeCommands": deployments.describe_commands,
    "DescribeDeployments": deployments.describe,
    "DescribeElasticIps": elastic_ips.describe,
    "DescribeInstances": instances.describe,
    "DescribeLayers": layers.describe,
    "DescribePermissions": permissions.describe,
    "DescribeServiceErrors": stacks.describe_service_errors,
    "DescribeStackSummary": stacks.describe_summary,
    "DescribeStacks": stacks.describe,
    "DescribeUserProfiles": profiles.describe,
    "DisassociateElasticIp": elastic_ips.disassociate,
    "RegisterElasticIp": elastic_ips.register,
    "SetPermission": permissions.set_permission,
    "StartInstance": instances.start,
    "StartStack": instances.start_stack,
    "StopInstance": instances.stop,
    "StopStack": instances.stop_stack,
    "UpdateApp": apps.update,
    "UpdateElasticIp": elastic_ips.update,
    "UpdateInstance": instances.update,
    "UpdateLayer": layers.update,
    "UpdateStack": stacks.update,
    "UpdateUserProfile": profiles.update,
}


@cache
def _model() -> ServiceModel:
    return ServiceModel(Loader().load_service_model("opsworks", "service-2"), "opsworks")


def answer(
    account_id: str, region: str, operation: str, body: bytes
) -> tuple[int, dict[str, str], str]:
    """Answers one request: status, headers, body."""
    try:
        return 200, {}, json.dumps(_perform(account_id, region, operation, body))
    except Refused as refused:
        told = {"__type": refused.code, "message": refused.message}
        return 400, {"x-amzn-ErrorType": refused.code}, json.dumps(told)


def _perform(account_id: str, region: str, operation: str, body: bytes) -> dict[str, Any]:
    if operation not in OPERATIONS:
        raise Refused("NotEmulated", f"{operation} is not emulated here")
    try:
        asked = json.loads(body or b"{}")
    except ValueError as error:
        raise Refused("SerializationException", str(error)) from None
    shape = _model().operation_model(operation).input_shape
    report = ParamValidator().validate(asked, shape)
    if report.has_errors():
        raise invalid(report.generate_report())
    _check_choices(shape, asked, "")
    book = BOOKS.setdefault((account_id, region), Book(account_id, region))
    return OPERATIONS[operation](book, asked)


def _check_choices(shape: Shape, value: Any, where: str) -> None:
    """Refuses what is not in an enumeration; botocore leaves that to the service."""
    if shape.type_name == "structure":
        for name, member in value.items():
            _check_choices(shape.members[name], member, f"{where}.{name}" if where else name)
    elif shape.type_name == "list":
        for member in value:
            _check_choices(shape.member, member, where)
    elif shape.type_name == "string" and shape.enum and value not in shape.enum:
        raise invalid(f"{where}: {value} is not one of {', '.join(shape.enum)}")


def forget(account_id: str) -> None:
    """Drops an account's resources."""
    for key in [key for key in BOOKS if key[0] == account_id]:
        del BOOKS[key]
