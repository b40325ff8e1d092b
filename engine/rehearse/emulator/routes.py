"""Route tables as AWS reads them back, and what it refuses about them."""

from __future__ import annotations

from ipaddress import IPv4Network
from typing import Any

from moto.ec2.exceptions import EC2ClientError, RouteAlreadyExistsError
from moto.ec2.models import EC2Backend
from moto.ec2.models.route_tables import Route, RouteTable

get_filter_value = RouteTable.get_filter_value


def install() -> None:
    """Adds the filters that moto's route tables do not know."""
    RouteTable.get_filter_value = _get_filter_value


def _get_filter_value(self: RouteTable, filter_name: str, method_name: str | None = None) -> Any:
    fields = {
        "route.instance-id": "InstanceId",
        "route.state": "State",
        "route.origin": "Origin",
    }
    if filter_name in fields:
        described = [_route(route) for route in self.routes.values()]
        return [route[fields[filter_name]] for route in described if fields[filter_name] in route]
    return get_filter_value(self, filter_name, method_name)


def require_target(backend: EC2Backend, instance_id: str | None) -> None:
    """Raises what AWS does for a route to an instance that cannot take it."""
    if not instance_id:
        return
    state = backend.get_instance(instance_id)._state.name
    if state in {"pending", "shutting-down", "terminated"}:
        raise EC2ClientError(
            "IncorrectInstanceState",
            f"Instance with state '{state}' is not valid for this operation.",
        )


def require_free(table: RouteTable, destination: str | None) -> None:
    """Raises what AWS does for the VPC's own destination."""
    for route in table.routes.values():
        if route.local and destination and route.destination_cidr_block == destination:
            raise RouteAlreadyExistsError(destination)


def require_unassociated(backend: EC2Backend, table_id: str, subnet_id: str | None) -> None:
    """Raises what AWS does for a subnet that has another table of its own."""
    for table in backend.route_tables.values():
        if subnet_id in table.associations.values() and table.id != table_id:
            raise EC2ClientError(
                "Resource.AlreadyAssociated",
                f"the specified association for route table {table_id} conflicts with an "
                "existing association",
            )


def require_not_main(backend: EC2Backend, association_id: str) -> None:
    """Raises what AWS does for the association that makes a table the main one."""
    for table in backend.route_tables.values():
        if table.main_association_id == association_id:
            raise EC2ClientError(
                "InvalidParameterValue",
                f"cannot disassociate the main route table association {association_id}",
            )


def drop_subnet(backend: EC2Backend, subnet_id: str) -> None:
    """Takes a deleted subnet out of the associations."""
    for table in backend.route_tables.values():
        for association_id in [key for key, to in table.associations.items() if to == subnet_id]:
            del table.associations[association_id]


def describe(table: RouteTable) -> dict[str, Any]:
    """Returns the table in AWS's shape."""
    return {
        "RouteTableId": table.id,
        "VpcId": table.vpc_id,
        "OwnerId": table.owner_id,
        "Tags": [{"Key": tag["key"], "Value": tag["value"]} for tag in table.get_tags()],
        "PropagatingVgws": [],
        "Associations": _associations(table),
        "Routes": [_route(route) for route in sorted(table.routes.values(), key=_order)],
    }


def _associations(table: RouteTable) -> list[dict[str, Any]]:
    shared = {"RouteTableId": table.id, "AssociationState": {"State": "associated"}}
    found = []
    if table.main_association_id:
        main = {"Main": True, "RouteTableAssociationId": table.main_association_id}
        found.append({**shared, **main})
    for association_id, target in table.associations.items():
        member = "SubnetId" if target.startswith("subnet-") else "GatewayId"
        one = {"Main": False, "RouteTableAssociationId": association_id, member: target}
        found.append({**shared, **one})
    return found


def _order(route: Route) -> tuple[bool, int, str]:
    """The VPC's own routes first, then the narrowest destination, as AWS lists them."""
    destination = route.destination_cidr_block
    length = IPv4Network(destination, strict=False).prefixlen if destination else 0
    return not route.local, -length, destination or route.destination_ipv6_cidr_block or ""


def _route(route: Route) -> dict[str, Any]:
    told: dict[str, Any] = {"State": "active", "Origin": "CreateRoute"}
    if route.destination_cidr_block:
        told["DestinationCidrBlock"] = route.destination_cidr_block
    if route.destination_ipv6_cidr_block:
        told["DestinationIpv6CidrBlock"] = route.destination_ipv6_cidr_block
    if route.destination_prefix_list:
        told["DestinationPrefixListId"] = route.destination_prefix_list.id
    if route.local:
        return {**told, "GatewayId": "local", "Origin": "CreateRouteTable"}
    _tell_target(route, told)
    return told


def _tell_target(route: Route, told: dict[str, Any]) -> None:
    interface = route.interface
    instance = route.instance or (interface.instance if interface else None)
    if instance:
        interface = interface or instance.nics.get(0)
        told["InstanceId"] = instance.id
        told["InstanceOwnerId"] = instance.owner_id
    if interface:
        told["NetworkInterfaceId"] = interface.id
    for member, target in (
        ("GatewayId", route.gateway),
        ("NatGatewayId", route.nat_gateway),
        ("VpcPeeringConnectionId", route.vpc_pcx),
        ("EgressOnlyInternetGatewayId", route.egress_only_igw),
        ("TransitGatewayId", route.transit_gateway),
        ("CarrierGatewayId", route.carrier_gateway),
    ):
        if target:
            told[member] = target.id
    if route.vpc_endpoint_id:
        told["GatewayId"] = route.vpc_endpoint_id
    if _is_dead(route, instance):
        told["State"] = "blackhole"


def _is_dead(route: Route, instance: Any) -> bool:
    if instance:
        return instance._state.name not in {"pending", "running"}
    if route.nat_gateway:
        return route.nat_gateway.state in {"deleting", "deleted"}
    if route.gateway and route.gateway.id.startswith("igw-"):
        attached = route.gateway.vpc
        return attached is None or attached.id != route.route_table.vpc_id
    return False
