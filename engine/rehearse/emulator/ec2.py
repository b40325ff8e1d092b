"""EC2 with AWS's refusals: client tokens, dependencies, associations."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from botocore.loaders import Loader
from moto.core.responses import ActionResult
from moto.core.utils import utcnow
from moto.ec2.exceptions import DependencyViolationError, EC2ClientError
from moto.ec2.models import EC2Backend
from moto.ec2.models.security_groups import SecurityGroup
from moto.ec2.responses import EC2Response
from moto.ec2.responses.instances import EC2_TERMINATE_INSTANCES

from . import boots, ec2_states, launches, routes
from .accounts import ACCOUNTS, Account

ec2_states.install()
launches.install()
routes.install()


def _tokened() -> frozenset[str]:
    """Returns the operations that have a client token in AWS's model."""
    model = Loader().load_service_model("ec2", "service-2")
    shapes = model["shapes"]
    return frozenset(
        name
        for name, operation in model["operations"].items()
        if "ClientToken"
        in shapes.get(operation.get("input", {}).get("shape"), {}).get("members", {})
    )


TOKENED = _tokened()

# What moto writes for a field that has no value, where AWS leaves the field out.
ABSENT = re.compile(
    r"<(kernelId|publicDnsName|dnsName)>None</\1>"
    r"|<(instanceId|networkInterfaceId)/>"
    r"|<stateReason><code></code><message></message></stateReason>"
)

MISMATCH = EC2ClientError(
    "IdempotentParameterMismatch",
    "Arguments on this idempotent request are inconsistent with arguments used in "
    "previous request(s).",
)
SPENT = EC2ClientError(
    "IdempotentInstanceTerminated",
    "The client token was used for an instance that has been terminated.",
)


def _has_dependencies(kind: str, resource_id: str) -> DependencyViolationError:
    return DependencyViolationError(
        f"The {kind} '{resource_id}' has dependencies and cannot be deleted."
    )


def _is_named_by_others(backend: EC2Backend, group: SecurityGroup) -> bool:
    """Returns whether a rule of another group of the VPC lets this one in or out."""
    others = [one for one in backend.groups[group.vpc_id].values() if one.id != group.id]
    rules = [rule for one in others for rule in [*one.ingress_rules, *one.egress_rules]]
    return any(rule.source_group.get("GroupId") == group.id for rule in rules)


class Ec2(EC2Response):
    """moto's EC2, and what it lets through though AWS would not."""

    @property
    def account(self) -> Account:
        """Returns the caller's account."""
        return ACCOUNTS.get(self.current_account)

    def call_action(self) -> Any:
        """Answers a repeated client token as the first time."""
        ec2_states.note_baseline(self.account, self.ec2_backend)
        operation, token = self._get_action(), self._get_param("ClientToken")
        if not token or operation not in TOKENED:
            return self._call()
        key = (self.region, operation, token)
        asked = {
            name: value
            for name, value in self.querystring.items()
            if name not in {"Action", "Version", "ClientToken"}
        }
        if key in self.account.tokens:
            first, answer = self.account.tokens[key]
            if first != asked:
                return self._refused(MISMATCH)
            spent = ec2_states.is_spent(self.ec2_backend, token)
            return self._refused(SPENT) if spent else answer
        self.account.token = token
        answer = self._call()
        self.account.token = None
        if int(answer[0]) == 200:
            self.account.tokens[key] = (asked, answer)
        return answer

    def _call(self) -> Any:
        status, headers, body = super().call_action()
        return status, headers, ABSENT.sub("", body) if isinstance(body, str) else body

    def _refused(self, error: EC2ClientError) -> Any:
        headers = dict(error.get_headers() or [])
        return error.code, headers, error.description

    def run_instances(self) -> Any:
        """Launches as many as AWS would: the maximum, not the minimum."""
        self.querystring["MinCount"] = self.querystring.get("MaxCount", ["1"])
        subnet_id = self._get_param("SubnetId") or self._get_param("NetworkInterface.1.SubnetId")
        launches.require_offered(self.ec2_backend, self._get_param("InstanceType"), subnet_id)
        profile = self._get_param("IamInstanceProfile.Name")
        launches.require_usable_profile(self.ec2_backend, profile)
        image_id = self._get_param("ImageId")
        launches.complete_root_device(self.ec2_backend, image_id, self.querystring)
        return super().run_instances()

    def get_console_output(self) -> ActionResult:
        """Returns what the boot has said so far."""
        instance = self.ec2_backend.get_instance(self._get_param("InstanceId"))
        output = boots.console(instance)
        told = {"InstanceId": instance.id, "Timestamp": utcnow()}
        return ActionResult({**told, "Output": output} if output else told)

    def terminate_instances(self) -> str:
        """Terminates, without loading moto's load balancers and scaling groups to tell them."""
        instance_ids = self._get_multi_param("InstanceId")
        self.error_on_dryrun()
        instances = self.ec2_backend.terminate_instances(instance_ids)
        return self.response_template(EC2_TERMINATE_INSTANCES).render(instances=instances)

    def modify_instance_attribute(self) -> Any:
        """Refuses in the states in which AWS does; the interface follows the instance."""
        instance = self.ec2_backend.get_instance(self._get_param("InstanceId"))
        named = {name.split(".")[0] for name in self.querystring} | {self._get_param("Attribute")}
        ec2_states.require_modifiable(instance, named)
        answer = super().modify_instance_attribute()
        if 0 in instance.nics:
            instance.nics[0].source_dest_check = str(instance.source_dest_check) == "true"
        return answer

    def create_route(self) -> Any:
        """Refuses a route to an instance that is not up, and a second one to the VPC itself."""
        table = self.ec2_backend.get_route_table(self._get_param("RouteTableId"))
        routes.require_target(self.ec2_backend, self._get_param("InstanceId"))
        routes.require_free(table, self._get_param("DestinationCidrBlock"))
        return super().create_route()

    def replace_route(self) -> Any:
        """Refuses a route to an instance that is not up."""
        routes.require_target(self.ec2_backend, self._get_param("InstanceId"))
        return super().replace_route()

    def describe_route_tables(self) -> ActionResult:
        """Describes routes with their state and both of their targets."""
        tables = self.ec2_backend.describe_route_tables(
            self._get_multi_param("RouteTableId"), self._filters_from_querystring()
        )
        return ActionResult({"RouteTables": [routes.describe(table) for table in tables]})

    def associate_route_table(self) -> Any:
        """Refuses a subnet that has another table; moto would keep quiet."""
        routes.require_unassociated(
            self.ec2_backend, self._get_param("RouteTableId"), self._get_param("SubnetId")
        )
        return super().associate_route_table()

    def disassociate_route_table(self) -> Any:
        """Refuses to take a VPC's main table away."""
        routes.require_not_main(self.ec2_backend, self._get_param("AssociationId"))
        return super().disassociate_route_table()

    def delete_route_table(self) -> Any:
        """Refuses to delete a VPC's main table."""
        table = self.ec2_backend.get_route_table(self._get_param("RouteTableId"))
        if table.main_association_id:
            raise _has_dependencies("routeTable", table.id)
        return super().delete_route_table()

    def attach_internet_gateway(self) -> Any:
        """Refuses a second gateway in one VPC."""
        vpc_id = self._get_param("VpcId")
        for gateway in self.ec2_backend.internet_gateways.values():
            other = gateway.id != self._get_param("InternetGatewayId")
            if other and gateway.vpc and gateway.vpc.id == vpc_id:
                raise EC2ClientError(
                    "InvalidParameterValue",
                    f"Network {vpc_id} already has an internet gateway attached",
                )
        return super().attach_internet_gateway()

    def detach_internet_gateway(self) -> Any:
        """Refuses while the VPC has public addresses."""
        vpc_id = self._get_param("VpcId")
        if any(eni.vpc_id == vpc_id and eni.public_ip for eni in self.ec2_backend.enis.values()):
            raise DependencyViolationError(
                f"Network {vpc_id} has some mapped public address(es). Please unmap those "
                "public address(es) before detaching the gateway."
            )
        return super().detach_internet_gateway()

    def delete_subnet(self) -> Any:
        """Refuses while the subnet has interfaces; its association goes with it."""
        subnet_id = self._get_param("SubnetId")
        if any(eni.subnet_id == subnet_id for eni in self.ec2_backend.enis.values()):
            raise _has_dependencies("subnet", subnet_id)
        answer = super().delete_subnet()
        routes.drop_subnet(self.ec2_backend, subnet_id)
        return answer

    def authorize_security_group_ingress(self) -> Any:
        """Answers with the rules of all permissions, of which moto leaves out all but the last's."""
        return self._authorize(self.ec2_backend.authorize_security_group_ingress)

    def authorize_security_group_egress(self) -> Any:
        """As authorize_security_group_ingress."""
        return self._authorize(self.ec2_backend.authorize_security_group_egress)

    def _authorize(self, add: Callable[..., tuple[list[Any], Any]]) -> Any:
        self.error_on_dryrun()
        asked = self._process_rules_from_querystring()
        rules = [rule for permission in asked for rule in add(**permission)[0]]
        return ActionResult({"Return": True, "SecurityGroupRules": rules})

    def delete_security_group(self) -> Any:
        """Refuses the default group, and one that an interface or another group's rule uses."""
        group = self.ec2_backend.get_security_group_from_id(self._get_param("GroupId"))
        if group and group.name == "default":
            raise EC2ClientError(
                "CannotDelete",
                f'the specified group: "{group.id}" name: "default" cannot be deleted by a user',
            )
        in_use = group and any(group in eni.group_set for eni in self.ec2_backend.enis.values())
        if group and (in_use or _is_named_by_others(self.ec2_backend, group)):
            raise DependencyViolationError(f"resource {group.id} has a dependent object")
        return super().delete_security_group()

    def delete_vpc(self) -> Any:
        """Refuses while a gateway is attached or a group of the user's is left; its ACL goes with it."""
        vpc_id = self._get_param("VpcId")
        attached = any(
            gateway.vpc and gateway.vpc.id == vpc_id
            for gateway in self.ec2_backend.internet_gateways.values()
        )
        groups = self.ec2_backend.groups.get(vpc_id, {}).values()
        if attached or any(group.name != "default" for group in groups):
            raise _has_dependencies("vpc", vpc_id)
        answer = super().delete_vpc()
        acls = self.ec2_backend.network_acls
        for acl_id in [acl.id for acl in acls.values() if acl.vpc_id == vpc_id]:
            del acls[acl_id]
        return answer

    def modify_vpc_endpoint(self) -> Any:
        """Refuses a table that the endpoint has already."""
        backend = self.ec2_backend
        endpoint = backend.get_vpc_end_point(self._get_param("VpcEndpointId"))
        for table_id in self._get_multi_param("AddRouteTableId"):
            if table_id in (endpoint.route_table_ids or []):
                raise EC2ClientError(
                    "RouteAlreadyExists",
                    f"route table {table_id} already has a route to {endpoint.id}",
                )
        return super().modify_vpc_endpoint()

    def delete_vpc_endpoints(self) -> ActionResult:
        """Says which were not there, as a success."""
        asked = self._get_multi_param("VpcEndpointId")
        known = self.ec2_backend.vpc_end_points
        there = [one for one in asked if one in known and known[one].state != "deleted"]
        self.ec2_backend.delete_vpc_endpoints(there)
        unsuccessful = [
            {"ResourceId": one, "Error": {"Code": "InvalidVpcEndpointId.NotFound", "Message": one}}
            for one in asked
            if one not in there
        ]
        return ActionResult({"Unsuccessful": unsuccessful})

    def attach_network_interface(self) -> Any:
        """Refuses an interface in use, and a place that is taken; moto would overwrite it."""
        interface = self.ec2_backend.get_network_interface(self._get_param("NetworkInterfaceId"))
        if interface.attachment_id:
            raise EC2ClientError(
                "InvalidNetworkInterface.InUse", f"Interface: [{interface.id}] in use."
            )
        instance = self.ec2_backend.get_instance(self._get_param("InstanceId"))
        index = self._get_param("DeviceIndex")
        if any(str(taken) == index for taken in instance.nics):
            raise EC2ClientError(
                "InvalidParameterValue",
                f"Instance '{instance.id}' already has an interface attached at device index "
                f"'{index}'.",
            )
        return super().attach_network_interface()

    def associate_iam_instance_profile(self) -> Any:
        """Has the profile be there: IAM is not emulated for scripts."""
        ec2_states.have_profile(self.ec2_backend, self._get_param("IamInstanceProfile.Name"))
        return super().associate_iam_instance_profile()

    def replace_iam_instance_profile_association(self) -> Any:
        """Gives the association a new id, as AWS does."""
        ec2_states.have_profile(self.ec2_backend, self._get_param("IamInstanceProfile.Name"))
        answer = super().replace_iam_instance_profile_association()
        ec2_states.renew_profile(self.ec2_backend, self._get_param("AssociationId"))
        return answer

    def associate_address(self) -> Any:
        """Moves an address unless that is forbidden, as AWS does in a VPC."""
        instance_id = self._get_param("InstanceId")
        ec2_states.require_started(self.ec2_backend, instance_id)
        for address in self.ec2_backend.addresses:
            if address.allocation_id == self._get_param("AllocationId") and address.association_id:
                if address.instance and address.instance.id == instance_id:
                    return ActionResult({"AssociationId": address.association_id})
                if self._get_param("AllowReassociation") != "false":
                    self.ec2_backend.disassociate_address(address=address.public_ip)
        return super().associate_address()

    def release_address(self) -> Any:
        """Refuses while the address is in use."""
        for address in self.ec2_backend.addresses:
            if address.allocation_id == self._get_param("AllocationId") and address.association_id:
                raise EC2ClientError(
                    "InvalidIPAddress.InUse", f"Address {address.public_ip} is in use."
                )
        return super().release_address()
