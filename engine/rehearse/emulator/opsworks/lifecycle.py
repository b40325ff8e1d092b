"""How an instance goes from stopped to online and back, stage by stage."""

from __future__ import annotations

from typing import Any, Callable

from ..accounts import INSTANCE_STATE, OPSWORKS_STAGE
from . import deployments
from .book import Book, Fields
from .stacks import GROUPS


def current(book: Book, instance: Fields) -> Fields:
    """Returns the instance with what EC2 knows of it."""
    machine = machine_of(book, instance)
    if machine is None:
        return instance
    told = dict(instance)
    if instance["Status"] == "online" and machine._state.name != "running":
        told["Status"] = "connection_lost"
    told["PrivateIp"] = machine.private_ip
    told["PrivateDns"] = machine.private_dns
    if machine.public_ip:
        told["PublicIp"] = machine.public_ip
        told["PublicDns"] = machine.public_dns
    return told


def machine_of(book: Book, instance: Fields) -> Any:
    """Returns the EC2 instance, if there is one."""
    if not instance.get("Ec2InstanceId"):
        return None
    region = book.find("stack", instance["StackId"])["Region"]
    return book.ec2(region).get_instance_by_id(instance["Ec2InstanceId"])


def _then(
    book: Book, instance: Fields, units: float, expected: str, stage: Callable[[Book, Fields], None]
) -> None:
    """Enters the next stage unless the instance was stopped or deleted meanwhile."""

    def enter() -> None:
        present = book.instances.get(instance["InstanceId"]) is instance
        if present and instance["Status"] == expected:
            stage(book, instance)

    book.account.after(units, enter)


def start(book: Book, instance: Fields) -> None:
    """Requests an EC2 instance."""
    instance["Status"] = "requested"
    _then(book, instance, OPSWORKS_STAGE, "requested", _launch)


def _launch(book: Book, instance: Fields) -> None:
    """Launches; without OpsWorks's security groups that fails."""
    stack = book.find("stack", instance["StackId"])
    backend = book.ec2(stack["Region"])
    layers = [book.find("layer", layer_id) for layer_id in instance["LayerIds"]]
    groups = [one.id for one in backend.groups[stack["VpcId"]].values() if one.name in GROUPS]
    if stack["UseOpsworksSecurityGroups"] and len(groups) < len(GROUPS):
        instance["Status"] = "start_failed"
        return
    groups += [group for layer in layers for group in layer["CustomSecurityGroupIds"]]
    machine = machine_of(book, instance)
    if machine is not None and machine._state.name == "stopped":
        backend.start_instances([machine.id])
    else:
        machine = _run(backend, stack, layers, instance, groups)
        instance["Ec2InstanceId"] = machine.id
    instance.update(Status="pending", SecurityGroupIds=groups, Platform="linux")
    _then(book, instance, INSTANCE_STATE, "pending", _boot)


def _run(backend: Any, stack: Fields, layers: list[Fields], instance: Fields, groups: Any) -> Any:
    tags = {
        "Name": f"{stack['Name']} - {instance['Hostname']}",
        "opsworks:stack": stack["Name"],
        "opsworks:instance": instance["Hostname"],
        **{f"opsworks:layer:{layer['Shortname']}": layer["Name"] for layer in layers},
    }
    reservation = backend.run_instances(
        image_id=instance.get("AmiId") or sorted(backend.amis)[0],
        count=1,
        user_data=None,
        security_group_names=[],
        security_group_ids=groups,
        instance_type=instance["InstanceType"],
        is_instance_type_default=False,
        region_name=stack["Region"],
        subnet_id=instance["SubnetId"],
        key_name=instance.get("SshKeyName"),
        ebs_optimized=instance["EbsOptimized"],
        associate_public_ip=any(layer["AutoAssignPublicIps"] for layer in layers) or None,
        tags={"instance": tags},
    )
    return reservation.instances[0]


def _boot(book: Book, instance: Fields) -> None:
    instance["Status"] = "booting"
    layers = [book.find("layer", layer_id) for layer_id in instance["LayerIds"]]
    if any(layer["AutoAssignElasticIps"] for layer in layers):
        _assign_address(book, instance)
    _then(book, instance, OPSWORKS_STAGE, "booting", _set_up)


def _assign_address(book: Book, instance: Fields) -> None:
    backend = book.ec2(book.find("stack", instance["StackId"])["Region"])
    known = [one for one in backend.addresses if one.public_ip == instance.get("ElasticIp")]
    address = known[0] if known else backend.allocate_address("vpc")
    machine = machine_of(book, instance)
    backend.associate_address(
        instance=machine, allocation_id=address.allocation_id, reassociate=True
    )
    instance["ElasticIp"] = address.public_ip


def _set_up(book: Book, instance: Fields) -> None:
    """Runs the setup recipes, with the custom JSON that the stack has by now."""
    instance["Status"] = "running_setup"
    record = {"StackId": instance["StackId"], "InstanceIds": [instance["InstanceId"]]}
    setup = deployments.begin(book, {**record, "Command": {"Name": "setup", "Args": {}}}, "setup")

    def come_online(book: Book, instance: Fields) -> None:
        deployments.finish(book, setup)
        instance.update(Status="online", ReportedOs={"Family": "linux", "Name": instance["Os"]})

    _then(book, instance, OPSWORKS_STAGE, "running_setup", come_online)


def stop(book: Book, instance: Fields) -> None:
    """Runs the shutdown recipes, then stops the EC2 instance, or ends it if it has no disk."""
    instance["Status"] = "stopping"
    _then(book, instance, OPSWORKS_STAGE, "stopping", _shut_down)


def _shut_down(book: Book, instance: Fields) -> None:
    instance["Status"] = "shutting_down"
    machine = machine_of(book, instance)
    if machine is not None and instance["RootDeviceType"] != "ebs":
        machine.terminate()
        del instance["Ec2InstanceId"]
    elif machine is not None and machine._state.name == "running":
        machine.stop()
    _then(book, instance, INSTANCE_STATE, "shutting_down", _rest)


def _rest(_: Book, instance: Fields) -> None:
    instance["Status"] = "stopped"


def retire(book: Book, instance: Fields, *, with_address: bool) -> None:
    """Ends the EC2 instance; the fixed address stays unless it is to go."""
    machine = machine_of(book, instance)
    if machine is not None:
        machine.terminate()
    backend = book.ec2(book.find("stack", instance["StackId"])["Region"])
    if with_address and instance.get("ElasticIp"):
        backend.release_address(address=instance["ElasticIp"])
