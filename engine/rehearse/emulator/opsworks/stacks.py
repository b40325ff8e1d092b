"""Stacks, and the security groups that come with them."""

from __future__ import annotations

import re

from moto.ec2.exceptions import EC2ClientError
from moto.ec2.models import EC2Backend

from ..accounts import OPSWORKS_GROUPS
from .book import Book, Fields, check_json, invalid, new_id, now, shown

GROUPS = {
    "AWS-OpsWorks-Default-Server": "AWS OpsWorks Default server - do not change or delete",
    "AWS-OpsWorks-Custom-Server": "AWS OpsWorks Custom server - do not change or delete",
}
SYSTEMS = re.compile(
    r"Amazon Linux( 2| \d{4}\.\d{2})?|Ubuntu \d{2}\.04 LTS|CentOS Linux 7"
    r"|Red Hat Enterprise Linux 7|Microsoft Windows Server .+|Custom"
)
PRESETS = {
    "AgentVersion": "LATEST",
    "Attributes": {"Color": None},
    "ChefConfiguration": {},
    "ConfigurationManager": {"Name": "Chef", "Version": "12"},
    "DefaultOs": "Amazon Linux",
    "DefaultRootDeviceType": "instance-store",
    "HostnameTheme": "Layer_Dependent",
    "UseCustomCookbooks": False,
    "UseOpsworksSecurityGroups": True,
}


def create(book: Book, asked: Fields) -> Fields:
    """Makes a stack; its security groups follow."""
    stack = {**PRESETS, **asked}
    _check(book, stack)
    stack_id = new_id()
    stack.update(StackId=stack_id, Arn=book.arn("stack", stack_id), CreatedAt=now())
    book.stacks[stack_id] = stack
    if stack["UseOpsworksSecurityGroups"]:
        backend = book.ec2(stack["Region"])
        vpc_id = stack["VpcId"]
        book.account.after(OPSWORKS_GROUPS, lambda: _make_groups(backend, vpc_id))
    return {"StackId": stack_id}


def _check(book: Book, stack: Fields) -> None:
    check_json(stack)
    if not re.fullmatch(r"[a-z]{2}(-[a-z]+)+-\d", stack["Region"]):
        raise invalid(f"Region: {stack['Region']} is not a valid region")
    if not SYSTEMS.fullmatch(stack["DefaultOs"]):
        raise invalid(f"DefaultOs: {stack['DefaultOs']} is not a valid operating system")
    for member, kind in (
        ("ServiceRoleArn", "role"),
        ("DefaultInstanceProfileArn", "instance-profile"),
    ):
        if not re.fullmatch(rf"arn:aws[\w-]*:iam::\d{{12}}:{kind}/.+", stack[member]):
            raise invalid(f"{member}: {stack[member]} is not valid")
    _check_network(book.ec2(stack["Region"]), stack)


def _check_network(backend: EC2Backend, stack: Fields) -> None:
    if not stack.get("VpcId"):
        stack["VpcId"] = backend.default_vpc.id
        return
    if stack["VpcId"] not in backend.vpcs:
        raise invalid(f"VpcId: {stack['VpcId']} does not exist in {stack['Region']}")
    if not stack.get("DefaultSubnetId"):
        raise invalid("DefaultSubnetId: needed with a VpcId")
    try:
        subnet = backend.get_subnet(stack["DefaultSubnetId"])
    except EC2ClientError:
        raise invalid(f"DefaultSubnetId: {stack['DefaultSubnetId']} does not exist") from None
    if subnet.vpc_id != stack["VpcId"]:
        raise invalid(f"DefaultSubnetId: {subnet.id} is not in {stack['VpcId']}")
    zone = stack.setdefault("DefaultAvailabilityZone", subnet.availability_zone)
    if zone != subnet.availability_zone:
        raise invalid(f"DefaultAvailabilityZone: {subnet.id} is not in {zone}")


def _make_groups(backend: EC2Backend, vpc_id: str) -> None:
    if vpc_id not in backend.vpcs:
        return
    present = {group.name for group in backend.groups[vpc_id].values()}
    for name, description in GROUPS.items():
        if name not in present:
            backend.create_security_group(name, description, vpc_id=vpc_id)


def update(book: Book, asked: Fields) -> Fields:
    """Changes a stack."""
    stack = book.find("stack", asked["StackId"])
    changed = {**stack, **asked}
    _check(book, changed)
    stack.update(changed)
    return {}


def describe(book: Book, asked: Fields) -> Fields:
    """Describes the stacks asked for, or all."""
    ids = asked.get("StackIds") or list(book.stacks)
    return {"Stacks": [shown(book.find("stack", stack_id)) for stack_id in ids]}


def describe_summary(book: Book, asked: Fields) -> Fields:
    """Describes how much is in a stack, and in which state."""
    stack = book.find("stack", asked["StackId"])
    counts: dict[str, int] = {}
    for instance in book.of_stack("instance", asked["StackId"]):
        state = "".join(word.title() for word in instance["Status"].split("_"))
        counts[state] = counts.get(state, 0) + 1
    summary = {name: stack[name] for name in ("StackId", "Name", "Arn")}
    summary["LayersCount"] = len(book.of_stack("layer", asked["StackId"]))
    summary["AppsCount"] = len(book.of_stack("app", asked["StackId"]))
    return {"StackSummary": {**summary, "InstancesCount": counts}}


def describe_service_errors(_: Book, __: Fields) -> Fields:
    """Describes none: failures are told by the instances' states."""
    return {"ServiceErrors": []}


def delete(book: Book, asked: Fields) -> Fields:
    """Deletes an empty stack; the security groups stay, as on AWS."""
    stack_id = asked["StackId"]
    for kind in ("instance", "layer", "app"):
        if book.of_stack(kind, stack_id):
            raise invalid(f"Stack {stack_id} has {kind}s; delete them first")
    del book.stacks[stack_id]
    for table in (book.permissions, book.deployments):
        for key in [key for key, one in table.items() if one["StackId"] == stack_id]:
            del table[key]
    return {}
