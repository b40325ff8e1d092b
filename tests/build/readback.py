"""Prints what was built as JSON, by names instead of ids: EC2 through boto3, OpsWorks through signed HTTP."""

import json
import os
import sys
import urllib.request

import boto3
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

EC2 = boto3.client("ec2")
TARGETS = ("InstanceId", "GatewayId", "NatGatewayId", "NetworkInterfaceId")


def opsworks(operation, **asked):
    """Calls OpsWorks without any client of it."""
    headers = {"Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": f"OpsWorks_20130218.{operation}"}
    url = os.environ["AWS_ENDPOINT_URL"] + "/"
    request = AWSRequest("POST", url, headers=headers, data=json.dumps(asked).encode())
    key, secret = os.environ["AWS_ACCESS_KEY_ID"], os.environ["AWS_SECRET_ACCESS_KEY"]
    SigV4Auth(Credentials(key, secret), "opsworks", os.environ["AWS_REGION"]).add_auth(request)
    signed = urllib.request.Request(url, request.data, dict(request.headers), method="POST")
    with urllib.request.urlopen(signed) as answer:
        return json.load(answer)


def tags(resource):
    return {tag["Key"]: tag["Value"] for tag in resource.get("Tags", [])}


def name(resource):
    return tags(resource).get("Name")


def marks(resource):
    """Returns which of our tags the resource has."""
    return sorted(key for key in tags(resource) if key.startswith("runbook:"))


def in_vpc(vpc, member="vpc-id"):
    return [{"Name": member, "Values": [vpc["VpcId"]]}]


def network(vpc, names):
    subnets = EC2.describe_subnets(Filters=in_vpc(vpc))["Subnets"]
    gateways = EC2.describe_internet_gateways(Filters=in_vpc(vpc, "attachment.vpc-id"))["InternetGateways"]
    tables = EC2.describe_route_tables(Filters=in_vpc(vpc))["RouteTables"]
    for one in subnets:
        names[one["SubnetId"]] = name(one)
    for one in gateways:
        names[one["InternetGatewayId"]] = name(one)
    for one in tables:
        names[one["RouteTableId"]] = name(one)
    return {
        "vpc": {"name": name(vpc), "cidr": vpc["CidrBlock"], "marks": marks(vpc)},
        "subnets": {
            name(one): {"zone": one["AvailabilityZone"], "cidr": one["CidrBlock"], "marks": marks(one)}
            for one in subnets
        },
        "gateways": {
            name(one): {"vpcs": [name(vpc) for _ in one["Attachments"]], "marks": marks(one)} for one in gateways
        },
        "tables": {name(one): table(one, names) for one in tables},
    }


def table(one, names):
    associations = one["Associations"]
    return {
        "main": any(association["Main"] for association in associations),
        "subnets": [names[association["SubnetId"]] for association in associations if "SubnetId" in association],
        "routes": {route["DestinationCidrBlock"]: [target(route, names), route["State"]] for route in one["Routes"]},
        "marks": marks(one),
    }


def target(route, names):
    found = next(route[member] for member in TARGETS if member in route)
    return names.get(found, found)


def machines(vpc, names):
    pages = EC2.describe_instances(Filters=in_vpc(vpc))["Reservations"]
    return {
        names.get(one["InstanceId"], one["InstanceId"]): {
            "state": one["State"]["Name"],
            "type": one["InstanceType"],
            "subnet": names[one["SubnetId"]],
            "source_dest_check": one["SourceDestCheck"],
            "public": "PublicIpAddress" in one,
        }
        for page in pages
        for one in page["Instances"]
    }


def stack(one, names):
    asked = {"StackId": one["StackId"]}
    layers = opsworks("DescribeLayers", **asked)["Layers"]
    shortnames = {layer["LayerId"]: layer["Shortname"] for layer in layers}
    instances = opsworks("DescribeInstances", **asked)["Instances"]
    kept = ("Name", "Region", "ServiceRoleArn", "DefaultInstanceProfileArn", "DefaultOs", "DefaultRootDeviceType")
    more = ("UseCustomCookbooks", "CustomCookbooksSource", "ConfigurationManager", "ChefConfiguration")
    custom = json.loads(one["CustomJson"])
    custom.pop("runbook", None)
    return {
        "stack": {
            **{field: one[field] for field in kept + more},
            "vpc": names[one["VpcId"]],
            "default_subnet": names[one["DefaultSubnetId"]],
        },
        "custom_json": renamed(custom, names),
        "layers": {layer["Shortname"]: described(layer) for layer in layers},
        "permissions": {
            granted["IamUserArn"]: [granted["AllowSsh"], granted["AllowSudo"], granted["Level"]]
            for granted in opsworks("DescribePermissions", **asked)["Permissions"]
        },
        "instances": {
            instance["Hostname"]: {
                "layers": [shortnames[layer] for layer in instance["LayerIds"]],
                "subnet": names[instance["SubnetId"]],
                "type": instance["InstanceType"],
                "os": instance["Os"],
                "root": instance["RootDeviceType"],
                "status": instance["Status"],
            }
            for instance in instances
        },
    }


def described(layer):
    fields = ("Type", "Name", "AutoAssignElasticIps", "AutoAssignPublicIps", "Packages")
    return {**{field: layer[field] for field in fields}, "Setup": layer["CustomRecipes"]["Setup"]}


def renamed(value, names):
    if isinstance(value, dict):
        return {key: renamed(one, names) for key, one in value.items()}
    return names.get(value, value) if isinstance(value, str) else value


def main():
    vpc_name, stack_name = sys.argv[1:]
    [vpc] = [one for one in EC2.describe_vpcs()["Vpcs"] if name(one) == vpc_name]
    [found] = [one for one in opsworks("DescribeStacks")["Stacks"] if one["Name"] == stack_name]
    names = {vpc["VpcId"]: vpc_name}
    for instance in opsworks("DescribeInstances", StackId=found["StackId"])["Instances"]:
        names[instance.get("Ec2InstanceId")] = instance["Hostname"]
    told = network(vpc, names)
    print(json.dumps({**told, "machines": machines(vpc, names), **stack(found, names)}))


main()
