"""Prints the instances of a VPC, their groups and their rights as JSON, by names instead of ids: `readback.py <vpc name>`."""

import base64
import json
import sys

import boto3

EC2 = boto3.client("ec2")
IAM = boto3.client("iam", region_name="us-east-1")


def tags(resource):
    return {tag["Key"]: tag["Value"] for tag in resource.get("Tags", [])}


def in_vpc(vpc_id):
    return [{"Name": "vpc-id", "Values": [vpc_id]}]


def names_of(vpc_id):
    subnets = EC2.describe_subnets(Filters=in_vpc(vpc_id))["Subnets"]
    tables = EC2.describe_route_tables(Filters=in_vpc(vpc_id))["RouteTables"]
    groups = EC2.describe_security_groups(Filters=in_vpc(vpc_id))["SecurityGroups"]
    found = {one["SubnetId"]: tags(one)["Name"] for one in subnets}
    found.update({one["RouteTableId"]: tags(one)["Name"] for one in tables})
    found.update({one["GroupId"]: one["GroupName"] for one in groups})
    return found


def rules(group, names):
    """Returns who may come in by what."""
    found = []
    for rule in group["IpPermissions"]:
        what = rule["IpProtocol"] if rule["IpProtocol"] == "-1" else f"{rule['IpProtocol']} {rule['FromPort']}-{rule['ToPort']}"
        sources = [one["CidrIp"] for one in rule["IpRanges"]] + [one["CidrIpv6"] for one in rule["Ipv6Ranges"]]
        sources += [names[one["GroupId"]] for one in rule["UserIdGroupPairs"]]
        found += [f"{what} from {source}" for source in sources]
    return sorted(found)


def volume(one):
    [mapping] = one["BlockDeviceMappings"]
    [found] = EC2.describe_volumes(VolumeIds=[mapping["Ebs"]["VolumeId"]])["Volumes"]
    return {"device": mapping["DeviceName"], "encrypted": found["Encrypted"], "kind": found["VolumeType"], "tags": known(found)}


def known(resource):
    return {key: value for key, value in tags(resource).items() if not key.startswith("runbook:") or key == "runbook:role"}


def machine(one, names):
    image = EC2.describe_images(ImageIds=[one["ImageId"]])["Images"][0]
    data = EC2.describe_instance_attribute(InstanceId=one["InstanceId"], Attribute="userData")["UserData"]
    metadata = one["MetadataOptions"]
    return {
        "state": one["State"]["Name"],
        "type": one["InstanceType"],
        "image": image["Name"],
        "subnet": names[one["SubnetId"]],
        "groups": [names[group["GroupId"]] for group in one["SecurityGroups"]],
        "public": "PublicIpAddress" in one,
        "source_dest_check": one["SourceDestCheck"],
        "key": one.get("KeyName"),
        "profile": one.get("IamInstanceProfile", {}).get("Arn", "").rsplit("/", 1)[-1],
        "metadata": [metadata["HttpTokens"], metadata["HttpPutResponseHopLimit"], metadata["HttpEndpoint"]],
        "volume": volume(one),
        "tags": known(one),
        "user_data": base64.b64decode(data.get("Value", "")).decode(),
    }


def named(value, names):
    """Returns a policy with names in place of the ids in its ARNs."""
    if isinstance(value, dict):
        return {key: named(one, names) for key, one in value.items()}
    if isinstance(value, list):
        return sorted(named(one, names) for one in value)
    start, _, last = value.rpartition("/")
    return f"{start.split(':', 2)[2].split(':')[0]}: {names[last]}" if last in names else value


def role(name, names):
    found = IAM.get_role(RoleName=name)["Role"]
    policies = IAM.list_role_policies(RoleName=name)["PolicyNames"]
    texts = {one: IAM.get_role_policy(RoleName=name, PolicyName=one)["PolicyDocument"] for one in policies}
    attached = IAM.list_attached_role_policies(RoleName=name)["AttachedPolicies"]
    return {
        "trust": found["AssumeRolePolicyDocument"],
        "policies": {one: {entry["Sid"]: named(entry, names) for entry in text["Statement"]} for one, text in texts.items()},
        "attached": attached,
        "marks": sorted(key for key in tags(found) if key.startswith("runbook:")),
    }


def main():
    [vpc_name] = sys.argv[1:]
    [vpc] = [one for one in EC2.describe_vpcs()["Vpcs"] if tags(one).get("Name") == vpc_name]
    names = names_of(vpc["VpcId"])
    alive = [*in_vpc(vpc["VpcId"]), {"Name": "instance-state-name", "Values": ["pending", "running", "stopped"]}]
    pages = EC2.describe_instances(Filters=alive)["Reservations"]
    machines = {tags(one)["Name"]: machine(one, names) for page in pages for one in page["Instances"]}
    groups = EC2.describe_security_groups(Filters=in_vpc(vpc["VpcId"]))["SecurityGroups"]
    profiles = sorted({one["profile"] for one in machines.values() if one["profile"]})
    roles = {one.name: role(one.name, names) for one in boto3.resource("iam", region_name="us-east-1").roles.all()}
    addresses = EC2.describe_addresses()["Addresses"]
    holders = {one["InstanceId"]: tags(one)["Name"] for page in pages for one in page["Instances"]}
    print(json.dumps({
        "machines": machines,
        "groups": {group["GroupName"]: rules(group, names) for group in groups},
        "profiles": profiles,
        "roles": roles,
        "addresses": {tags(one)["Name"]: holders.get(one.get("InstanceId")) for one in addresses},
    }))


main()
