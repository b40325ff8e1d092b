"""Everything that an account has beyond what AWS gives a fresh one."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

from moto.ec2.models import EC2Backend, ec2_backends

from . import opsworks, routes
from .accounts import Account
from .opsworks.book import Book

Resource = dict[str, Any]


def census(account: Account) -> list[Resource]:
    """Returns the resources, sorted by service, type, region and id."""
    found = [*_opsworks(account), *_topics(account), *_identities(account)]
    for region, baseline in account.baseline.items():
        backend = ec2_backends[account.id][region]
        for resource in _ec2(backend):
            if resource["id"] not in baseline:
                found.append({"service": "ec2", "region": region, **resource})
    return sorted(found, key=lambda one: (one["service"], one["type"], one["region"], one["id"]))


def _one(kind: str, resource_id: str, attributes: dict[str, Any], relations: Any) -> Resource:
    """Returns an entry; relations are ids of other resources, by role."""
    return {
        "type": kind,
        "id": resource_id,
        "attributes": {name: value for name, value in attributes.items() if value is not None},
        "relations": {role: to for role, to in relations.items() if to},
    }


def _tags(resource: Any) -> dict[str, str]:
    return {tag["key"]: tag["value"] for tag in resource.get_tags()}


def _ec2(backend: EC2Backend) -> Iterator[Resource]:
    yield from _network(backend)
    yield from _tables(backend)
    yield from _groups(backend)
    yield from _machines(backend)
    yield from _addresses(backend)


def _network(backend: EC2Backend) -> Iterator[Resource]:
    for vpc in backend.vpcs.values():
        yield _one("vpc", vpc.id, {"cidr_block": vpc.cidr_block, "tags": _tags(vpc)}, {})
    for zone in backend.subnets.values():
        for subnet in zone.values():
            attributes = {
                "cidr_block": subnet.cidr_block,
                "availability_zone": subnet.availability_zone,
                "map_public_ip_on_launch": str(subnet.map_public_ip_on_launch).lower() == "true",
                "tags": _tags(subnet),
            }
            yield _one("subnet", subnet.id, attributes, {"vpc": subnet.vpc_id})
    for gateway in backend.internet_gateways.values():
        vpc_id = gateway.vpc.id if gateway.vpc else None
        yield _one("internet_gateway", gateway.id, {"tags": _tags(gateway)}, {"vpc": vpc_id})
    for gateway in backend.nat_gateways.values():
        attributes = {"state": gateway.state, "tags": _tags(gateway)}
        allocations = [one["allocationId"] for one in gateway.address_set if "allocationId" in one]
        relations = {"vpc": gateway.vpc_id, "subnet": gateway.subnet_id, "addresses": allocations}
        yield _one("nat_gateway", gateway.id, attributes, relations)


def _tables(backend: EC2Backend) -> Iterator[Resource]:
    for table in backend.route_tables.values():
        told = routes.describe(table)
        attributes = {
            "main": table.main_association_id is not None,
            "tags": _tags(table),
            "routes": told["Routes"],
        }
        relations = {"vpc": table.vpc_id, "associations": sorted(table.associations.values())}
        yield _one("route_table", table.id, attributes, relations)
    for acl in backend.network_acls.values():
        attributes = {"default": str(acl.default).lower() == "true", "tags": _tags(acl)}
        yield _one("network_acl", acl.id, attributes, {"vpc": acl.vpc_id})


def _groups(backend: EC2Backend) -> Iterator[Resource]:
    for groups in backend.groups.values():
        for group in groups.values():
            attributes = {
                "name": group.name,
                "description": group.description,
                "ingress": [_rule(rule) for rule in group.ingress_rules],
                "egress": [_rule(rule) for rule in group.egress_rules],
                "tags": _tags(group),
            }
            yield _one("security_group", group.id, attributes, {"vpc": group.vpc_id})
    for pair in backend.keypairs.values():
        yield _one("key_pair", pair.id, {"name": pair.name, "tags": _tags(pair)}, {})


def _rule(rule: Any) -> dict[str, Any]:
    return {
        "protocol": str(rule.ip_protocol),
        "from_port": rule.from_port,
        "to_port": rule.to_port,
        "range": rule.ip_range.get("CidrIp") or rule.ip_range.get("CidrIpv6"),
        "group": rule.source_group.get("GroupId"),
    }


def _machines(backend: EC2Backend) -> Iterator[Resource]:
    for instance in backend.all_instances():
        attributes = {
            "state": instance._state.name,
            "instance_type": instance.instance_type,
            "image_id": instance.image_id,
            "source_dest_check": str(instance.source_dest_check).lower() == "true",
            "has_public_address": bool(instance.public_ip),
            "client_token": instance.client_token,
            "tags": _tags(instance),
        }
        relations = {
            "vpc": instance.vpc_id,
            "subnet": instance.subnet_id,
            "security_groups": sorted(group.id for group in instance.security_groups),
        }
        yield _one("instance", instance.id, attributes, relations)
    for volume in backend.volumes.values():
        attached = volume.attachment.instance.id if volume.attachment else None
        attributes = {"state": volume.status, "size": int(volume.size), "tags": _tags(volume)}
        yield _one("volume", volume.id, attributes, {"instance": attached})


def _addresses(backend: EC2Backend) -> Iterator[Resource]:
    for interface in backend.enis.values():
        instance = interface.instance.id if interface.instance else None
        attributes = {"state": interface.status, "tags": _tags(interface)}
        relations = {"subnet": interface.subnet_id, "instance": instance}
        attributes["source_dest_check"] = str(interface.source_dest_check).lower() == "true"
        yield _one("network_interface", interface.id, attributes, relations)
    for address in backend.addresses:
        instance = address.instance.id if address.instance else None
        interface = address.eni.id if address.eni else None
        relations = {"instance": instance, "network_interface": interface}
        yield _one("address", address.allocation_id, {"tags": _tags(address)}, relations)
    for endpoint in backend.vpc_end_points.values():
        attributes = {
            "service_name": endpoint.service_name,
            "state": endpoint.state,
            "tags": _tags(endpoint),
        }
        relations = {"vpc": endpoint.vpc_id, "route_tables": sorted(endpoint.route_table_ids or [])}
        yield _one("vpc_endpoint", endpoint.id, attributes, relations)
    for association in backend.iam_instance_profile_associations.values():
        attributes = {"arn": association.iam_instance_profile.arn}
        relations = {"instance": association.instance_id}
        yield _one("profile_association", association.association_id, attributes, relations)


def _opsworks(account: Account) -> Iterator[Resource]:
    for (account_id, region), book in opsworks.BOOKS.items():
        if account_id == account.id:
            for resource in _book(book):
                yield {"service": "opsworks", "region": region, **resource}


def _book(book: Book) -> Iterator[Resource]:
    tables = {
        "stack": (book.stacks, "StackId", {"VpcId", "DefaultSubnetId"}),
        "layer": (book.layers, "LayerId", {"StackId"}),
        "instance": (
            book.instances,
            "InstanceId",
            {
                "StackId",
                "LayerIds",
                "SubnetId",
                "Ec2InstanceId",
                "SecurityGroupIds",
            },
        ),
        "app": (book.apps, "AppId", {"StackId"}),
        "deployment": (book.deployments, "DeploymentId", {"StackId", "AppId", "InstanceIds"}),
    }
    transient = {"Arn", "CreatedAt", "CompletedAt", "Duration", "ElasticIp"}
    for kind, (table, identity, references) in tables.items():
        for resource_id, fields in table.items():
            dropped = transient | references | {identity}
            attributes = {name: value for name, value in fields.items() if name not in dropped}
            attributes["seen_custom_json"] = attributes.pop("_seen_custom_json", None)
            relations = {name: fields.get(name) for name in references}
            yield _one(kind, resource_id, attributes, relations)
    for (stack_id, user), fields in book.permissions.items():
        attributes = {name: fields[name] for name in ("AllowSsh", "AllowSudo", "Level")}
        yield _one("permission", f"{stack_id}/{user}", attributes, {"StackId": stack_id})
    for user, fields in book.profiles.items():
        attributes = {name: fields[name] for name in ("Name", "AllowSelfManagement")}
        yield _one("user_profile", user, attributes, {})
    for ip, fields in book.elastic_ips.items():
        relations = {name: fields.get(name) for name in ("StackId", "InstanceId")}
        yield _one("elastic_ip", ip, {"Name": fields.get("Name")}, relations)


def _topics(account: Account) -> Iterator[Resource]:
    """Yields SNS's, if SNS was used at all."""
    models = sys.modules.get("moto.sns.models")
    if models is None or account.id not in models.sns_backends:
        return
    for region, backend in models.sns_backends[account.id].items():
        for topic in backend.topics.values():
            attributes = {"name": topic.name, "display_name": topic.display_name or None}
            one = _one("topic", topic.arn, attributes, {})
            yield {"service": "sns", "region": region, **one}
        for arn, subscription in backend.subscriptions.items():
            attributes = {"protocol": subscription.protocol, "endpoint": subscription.endpoint}
            one = _one("subscription", arn, attributes, {"topic": subscription.topic.arn})
            yield {"service": "sns", "region": region, **one}


def _identities(account: Account) -> Iterator[Resource]:
    """Yields IAM's roles and instance profiles, if IAM was used at all. They have no region."""
    models = sys.modules.get("moto.iam.models")
    if models is None or account.id not in models.iam_backends:
        return
    for backend in models.iam_backends[account.id].values():
        for one in [*_roles(backend), *_profiles(backend)]:
            yield {"service": "iam", "region": "global", **one}


def _roles(backend: Any) -> Iterator[Resource]:
    for role in backend.roles.values():
        attributes = {
            "name": role.name,
            "trust": role.assume_role_policy_document,
            "description": role.description or None,
            "max_session_duration": role.max_session_duration,
            "policies": dict(role.policies),
            "attached": sorted(role.managed_policies),
            "tags": {tag["Key"]: tag["Value"] for tag in role.tags},
        }
        yield _one("role", role.arn, attributes, {})


def _profiles(backend: Any) -> Iterator[Resource]:
    for profile in backend.instance_profiles.values():
        tags = {tag["Key"]: tag["Value"] for tag in profile.tags}
        attributes = {"name": profile.name, "tags": tags}
        relations = {"roles": [role.arn for role in profile.roles]}
        yield _one("instance_profile", profile.arn, attributes, relations)
