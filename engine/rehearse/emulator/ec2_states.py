"""EC2 resources that take their time: instances and NAT gateways."""

from __future__ import annotations

import copy
from typing import Any

from moto.ec2.exceptions import EC2ClientError
from moto.ec2.models import EC2Backend, ec2_backends
from moto.ec2.models.elastic_network_interfaces import NetworkInterface
from moto.ec2.models.instances import Instance, InstanceState
from moto.ec2.models.nat_gateways import NatGateway
from moto.ec2.models.vpcs import VPCEndPoint
from moto.ec2.responses import instances as instance_responses
from moto.ec2.utils import (
    filter_dict_attribute_mapping,
    generic_filter,
    random_iam_instance_profile_association_id,
)
from moto.iam.models import iam_backends

from . import accounts, boots
from .accounts import INSTANCE_STATE, NAT_GATEWAY_STATE, Account

CODES = {
    "pending": 0,
    "running": 16,
    "shutting-down": 32,
    "terminated": 48,
    "stopping": 64,
    "stopped": 80,
}
NEEDS_STOPPED = {"InstanceType", "instanceType", "UserData", "userData", "EbsOptimized"}

run_instances = EC2Backend.run_instances
start = Instance.start
stop = Instance.stop
terminate = Instance.terminate
create_nat_gateway = EC2Backend.create_nat_gateway
describe_nat_gateways = EC2Backend.describe_nat_gateways
interface_filter_value = NetworkInterface.get_filter_value
endpoint_filter_value = VPCEndPoint.get_filter_value


def install() -> None:
    """Puts the slow versions in the place of moto's instant ones."""
    EC2Backend.run_instances = _run_instances
    Instance.start = _start
    Instance.stop = _stop
    Instance.terminate = _terminate
    EC2Backend.create_nat_gateway = _create_nat_gateway
    EC2Backend.delete_nat_gateway = _delete_nat_gateway
    EC2Backend.describe_nat_gateways = _describe_nat_gateways
    NetworkInterface.get_filter_value = _interface_filter_value
    VPCEndPoint.get_filter_value = _endpoint_filter_value
    filter_dict_attribute_mapping["client-token"] = "client_token"
    for name in ("EC2_DESCRIBE_INSTANCES", "EC2_RUN_INSTANCES"):
        template = getattr(instance_responses, name)
        token = template.replace("ABCDE{{ account_id }}3", "{{ instance.client_token }}")
        setattr(instance_responses, name, token)


def note_baseline(account: Account, backend: EC2Backend) -> None:
    """Remembers what a fresh account has in the region."""
    if backend.region_name not in account.baseline:
        account.baseline[backend.region_name] = set(resource_ids(backend))


def resource_ids(backend: EC2Backend) -> list[str]:
    """Returns the ids of what a fresh account may have been given."""
    subnets = [subnet for zone in backend.subnets.values() for subnet in zone]
    groups = [group for vpc in backend.groups.values() for group in vpc]
    tables = [*backend.vpcs, *backend.route_tables, *backend.internet_gateways]
    return [*tables, *backend.network_acls, *subnets, *groups]


def require_modifiable(instance: Instance, attributes: set[str]) -> None:
    """Raises what AWS does for an instance in the wrong state."""
    state = instance._state.name
    gone = state in {"shutting-down", "terminated"}
    if gone or (attributes & NEEDS_STOPPED and state != "stopped"):
        wanted = "running" if gone else "stopped"
        raise EC2ClientError(
            "IncorrectInstanceState",
            f"The instance '{instance.id}' is not in the '{wanted}' state.",
        )


def require_started(backend: EC2Backend, instance_id: str | None) -> None:
    """Raises what AWS does for an address for an instance that is not up yet, or no more."""
    state = backend.get_instance(instance_id)._state.name if instance_id else "running"
    if state not in {"running", "stopping", "stopped"}:
        raise EC2ClientError(
            "InvalidInstanceID",
            f"The {state} instance '{instance_id}' is not in a valid state for this operation.",
        )


def is_spent(backend: EC2Backend, token: str) -> bool:
    """Returns whether an instance that was launched with the token is on its way out."""
    launched = [one for one in backend.all_instances() if one.client_token == token]
    return any(one._state.name in {"shutting-down", "terminated"} for one in launched)


def forget_ended(account_id: str) -> list[str]:
    """Drops terminated instances, as AWS does about an hour after their end; routes to them stay."""
    forgotten = []
    for backend in ec2_backends[account_id].values():
        for reservation in backend.reservations.values():
            over = [one for one in reservation.instances if one._state.name == "terminated"]
            forgotten += [one.id for one in over]
            reservation.instances = [one for one in reservation.instances if one not in over]
    return forgotten


def have_profile(backend: EC2Backend, name: str | None) -> None:
    """Makes an instance profile of that name unless there is one."""
    iam = iam_backends[backend.account_id][backend.partition]
    if name and all(profile.name != name for profile in iam.instance_profiles.values()):
        iam.create_instance_profile(name, "/", [])


def renew_profile(backend: EC2Backend, association_id: str) -> None:
    """Gives a replaced association of an instance profile another id."""
    for association in backend.iam_instance_profile_associations.values():
        if association.association_id == association_id:
            association.association_id = random_iam_instance_profile_association_id()


def _become(instance: Instance, state: str) -> None:
    instance._state = InstanceState(state, CODES[state])


def _shift(instance: Instance, passing: str, final: str) -> None:
    """Takes the passing state now, the final one later unless another change came between."""
    _become(instance, passing)

    def finish() -> None:
        if instance._state.name == passing:
            _become(instance, final)
            if final == "running":
                boots.run(instance)

    accounts.of(instance.ec2_backend).after(INSTANCE_STATE, finish)


def _run_instances(self: EC2Backend, *args: Any, **kwargs: Any) -> Any:
    reservation = run_instances(self, *args, **kwargs)
    for instance in reservation.instances:
        instance.client_token = accounts.of(self).token or ""
        for index, nic in instance.nics.items():
            nic.delete_on_termination = _goes_with_its_instance(kwargs.get("nics") or [], index)
        if not instance.security_groups:
            # moto leaves those of the interface out of the instance.
            instance.security_groups = list(instance.nics[0].group_set)
        _shift(instance, "pending", "running")
    return reservation


def _goes_with_its_instance(asked: list[dict[str, Any]], index: int) -> bool:
    """Returns whether an interface ends with its instance: by itself, or as the request says."""
    given = [one.get("DeleteOnTermination") for one in asked if str(one["DeviceIndex"]) == str(index)]
    return not asked or "true" in given


def _refuse(instance: Instance, verb: str) -> EC2ClientError:
    return EC2ClientError(
        "IncorrectInstanceState",
        f"The instance '{instance.id}' is not in a state from which it can be {verb}.",
    )


def _start(self: Instance) -> InstanceState:
    previous = copy.copy(self._state)
    if previous.name in {"pending", "running"}:
        return previous
    if previous.name != "stopped":
        raise _refuse(self, "started")
    start(self)
    _shift(self, "pending", "running")
    return previous


def _stop(self: Instance) -> InstanceState:
    previous = copy.copy(self._state)
    if previous.name in {"stopping", "stopped"}:
        return previous
    if previous.name != "running":
        raise _refuse(self, "stopped")
    stop(self)
    _shift(self, "stopping", "stopped")
    return previous


def _terminate(self: Instance) -> InstanceState:
    previous = copy.copy(self._state)
    if previous.name in {"shutting-down", "terminated"}:
        return previous
    _become(self, "shutting-down")

    def finish() -> None:
        for address in self.ec2_backend.addresses:
            if address.instance is self:
                self.ec2_backend.disassociate_address(address=address.public_ip)
        terminate(self)

    accounts.of(self.ec2_backend).after(INSTANCE_STATE, finish)
    return previous


def _create_nat_gateway(self: EC2Backend, **kwargs: Any) -> NatGateway:
    if kwargs["allocation_id"]:
        # moto would find it missing only after it has made the gateway's interface.
        self.address_by_allocation([kwargs["allocation_id"]])
    gateway = create_nat_gateway(self, **kwargs)
    gateway.state = "pending"
    gateway.connectivity_type = gateway.connectivity_type or "public"

    def finish() -> None:
        if gateway.state == "pending":
            gateway.state = "available"

    accounts.of(self).after(NAT_GATEWAY_STATE, finish)
    return gateway


def _known_nat_gateway(backend: EC2Backend, gateway_id: str) -> NatGateway:
    if gateway_id not in backend.nat_gateways:
        raise EC2ClientError("NatGatewayNotFound", f"NAT gateway {gateway_id} was not found")
    return backend.nat_gateways[gateway_id]


def _delete_nat_gateway(self: EC2Backend, nat_gateway_id: str) -> NatGateway:
    gateway = _known_nat_gateway(self, nat_gateway_id)
    if gateway.state in {"deleting", "deleted"}:
        return gateway
    gateway.state = "deleting"

    def finish() -> None:
        gateway.state = "deleted"
        for address in self.addresses:
            if address.eni is gateway._eni:
                self.disassociate_address(address=address.public_ip)
        self.enis.pop(gateway._eni.id, None)

    accounts.of(self).after(NAT_GATEWAY_STATE, finish)
    return gateway


def _describe_nat_gateways(self: EC2Backend, filters: Any, nat_gateway_ids: Any) -> Any:
    """Describes with tag filters too, which moto would pass over."""
    for gateway_id in nat_gateway_ids or []:
        _known_nat_gateway(self, gateway_id)
    found = describe_nat_gateways(self, filters, nat_gateway_ids)
    tags = {name: values for name, values in (filters or {}).items() if name.startswith("tag")}
    return generic_filter(tags, found)


def _interface_filter_value(
    self: NetworkInterface, filter_name: str, method_name: str | None = None
) -> Any:
    """Knows the filter on attachments, which moto does not."""
    if filter_name == "attachment.attachment-id":
        return self.attachment_id
    return interface_filter_value(self, filter_name, method_name)


def _endpoint_filter_value(
    self: VPCEndPoint, filter_name: str, method_name: str | None = None
) -> Any:
    """Knows the filter on ids, which moto does not."""
    if filter_name == "vpc-endpoint-id":
        return self.id
    return endpoint_filter_value(self, filter_name, method_name)
