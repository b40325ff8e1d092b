"""Instances: plans for EC2 instances, which exist from start to deletion."""

from __future__ import annotations

import re

from moto.ec2.exceptions import EC2ClientError
from moto.ec2.models import EC2Backend
from moto.ec2.models.instance_types import INSTANCE_TYPE_OFFERINGS

from . import lifecycle
from .book import Book, Fields, exactly_one, invalid, new_id, now, shown
from .stacks import SYSTEMS

STARTABLE = {"stopped"}
STOPPABLE = {
    "requested",
    "pending",
    "booting",
    "running_setup",
    "online",
    "connection_lost",
    "setup_failed",
    "start_failed",
    "stop_failed",
}
DELETABLE = {"stopped", "start_failed", "stop_failed", "setup_failed"}
PRESETS = {
    "AgentVersion": "INHERIT",
    "Architecture": "x86_64",
    "EbsOptimized": False,
    "InfrastructureClass": "ec2",
    "InstallUpdatesOnBoot": True,
    "Status": "stopped",
    "Tenancy": "default",
    "VirtualizationType": "hvm",
}


def create(book: Book, asked: Fields) -> Fields:
    """Makes an instance that is stopped."""
    stack = book.find("stack", asked["StackId"])
    instance_id = new_id()
    instance = {**PRESETS, **asked, "InstanceId": instance_id}
    instance.setdefault("Os", stack["DefaultOs"])
    instance.setdefault("RootDeviceType", stack["DefaultRootDeviceType"])
    instance.setdefault("InstanceProfileArn", stack["DefaultInstanceProfileArn"])
    instance.setdefault("SshKeyName", stack.get("DefaultSshKeyName"))
    _check_layers(book, instance)
    instance.setdefault("Hostname", _free_hostname(book, instance))
    _place(book, stack, instance)
    _check(book, stack, instance)
    instance.update(Arn=book.arn("instance", instance_id), CreatedAt=now())
    book.instances[instance_id] = instance
    return {"InstanceId": instance_id}


def _check_layers(book: Book, instance: Fields) -> None:
    if not instance["LayerIds"]:
        raise invalid("LayerIds: at least one is needed")
    for layer_id in instance["LayerIds"]:
        if book.find("layer", layer_id)["StackId"] != instance["StackId"]:
            raise invalid("Please only provide layer IDs from the same stack")


def _free_hostname(book: Book, instance: Fields) -> str:
    shortname = book.find("layer", instance["LayerIds"][0])["Shortname"]
    taken = {one["Hostname"] for one in book.of_stack("instance", instance["StackId"])}
    number = 1
    while f"{shortname}{number}" in taken:
        number += 1
    return f"{shortname}{number}"


def _place(book: Book, stack: Fields, instance: Fields) -> None:
    if not instance.get("SubnetId"):
        instance["SubnetId"] = stack.get("DefaultSubnetId")
    if not instance["SubnetId"]:
        return
    backend = book.ec2(stack["Region"])
    subnet = _subnet(backend, instance["SubnetId"])
    if subnet.vpc_id != stack["VpcId"]:
        raise invalid(f"SubnetId: {subnet.id} is not in {stack['VpcId']}")
    zone = instance.setdefault("AvailabilityZone", subnet.availability_zone)
    if zone != subnet.availability_zone:
        raise invalid(f"AvailabilityZone: {subnet.id} is not in {zone}")


def _subnet(backend: EC2Backend, subnet_id: str) -> object:
    try:
        return backend.get_subnet(subnet_id)
    except EC2ClientError:
        raise invalid(f"SubnetId: {subnet_id} does not exist") from None


def _check(book: Book, stack: Fields, instance: Fields) -> None:
    hostname = instance["Hostname"]
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9-]{0,62}", hostname):
        raise invalid(f"Hostname: {hostname} is not a valid host name")
    for other in book.of_stack("instance", instance["StackId"]):
        if other["Hostname"] == hostname and other["InstanceId"] != instance["InstanceId"]:
            raise invalid(f'There is already an instance with hostname "{hostname}" in this stack')
    if not SYSTEMS.fullmatch(instance["Os"]):
        raise invalid(f"Os: {instance['Os']} is not a valid operating system")
    offered = INSTANCE_TYPE_OFFERINGS["region"].get(stack["Region"], [])
    if all(one["InstanceType"] != instance["InstanceType"] for one in offered):
        raise invalid(f"InstanceType: {instance['InstanceType']} is not a valid instance type")


def update(book: Book, asked: Fields) -> Fields:
    """Changes an instance, which has to be stopped for most of it."""
    instance = book.find("instance", asked["InstanceId"])
    changed = {**instance, **asked}
    stack = book.find("stack", instance["StackId"])
    _check_layers(book, changed)
    _check(book, stack, changed)
    others = {name for name in asked if asked[name] != instance.get(name)} - {"LayerIds"}
    if others and instance["Status"] != "stopped":
        raise invalid(f"Instance {instance['InstanceId']} is {instance['Status']}, not stopped")
    instance.update(changed)
    return {}


def describe(book: Book, asked: Fields) -> Fields:
    """Describes the instances asked for, a layer's or a stack's."""
    member = exactly_one(asked, "InstanceIds", "LayerId", "StackId")
    if member == "InstanceIds":
        found = [book.find("instance", one) for one in asked[member]]
    elif member == "StackId":
        found = book.of_stack("instance", asked[member])
    else:
        book.find("layer", asked[member])
        found = [one for one in book.instances.values() if asked[member] in one["LayerIds"]]
    return {"Instances": [shown(lifecycle.current(book, one)) for one in found]}


def _require(book: Book, asked: Fields, states: set[str], verb: str) -> Fields:
    instance = lifecycle.current(book, book.find("instance", asked["InstanceId"]))
    if instance["Status"] not in states:
        raise invalid(
            f"Instance {asked['InstanceId']} cannot be {verb}: it is {instance['Status']}"
        )
    return book.find("instance", asked["InstanceId"])


def start(book: Book, asked: Fields) -> Fields:
    """Starts a stopped instance."""
    lifecycle.start(book, _require(book, asked, STARTABLE, "started"))
    return {}


def stop(book: Book, asked: Fields) -> Fields:
    """Stops an instance that has been started."""
    lifecycle.stop(book, _require(book, asked, STOPPABLE, "stopped"))
    return {}


def delete(book: Book, asked: Fields) -> Fields:
    """Deletes a stopped instance, and the EC2 instance with it."""
    instance = _require(book, asked, DELETABLE, "deleted")
    lifecycle.retire(book, instance, with_address=asked.get("DeleteElasticIp", False))
    del book.instances[instance["InstanceId"]]
    return {}


def start_stack(book: Book, asked: Fields) -> Fields:
    """Starts those of a stack's instances that are stopped."""
    for instance in book.of_stack("instance", asked["StackId"]):
        if instance["Status"] in STARTABLE:
            lifecycle.start(book, instance)
    return {}


def stop_stack(book: Book, asked: Fields) -> Fields:
    """Stops those of a stack's instances that have been started."""
    for instance in book.of_stack("instance", asked["StackId"]):
        if instance["Status"] in STOPPABLE:
            lifecycle.stop(book, instance)
    return {}
