"""Does one thing that is not the engine's doing: `change.py what [with what]`."""

import sys

import boto3

EC2 = boto3.client("ec2")


def only(found):
    [one] = found
    return one


def named(key, value):
    return [{"Name": key, "Values": [value]}]


def table(name):
    return only(EC2.describe_route_tables(Filters=named("tag:Name", name))["RouteTables"])["RouteTableId"]


def gateway():
    return only(EC2.describe_internet_gateways(Filters=named("tag:Name", "MyVPC Internet Gateway"))["InternetGateways"])[
        "InternetGatewayId"
    ]


def nat(name):
    """Finds the NAT `nat1` of either kind of compute."""
    names = [f"MyStack - {name}", f"MyVPC NAT AZ{name[3:]}"]
    found = EC2.describe_instances(Filters=[{"Name": "tag:Name", "Values": names}])["Reservations"]
    return only(only(found)["Instances"])["InstanceId"]


def route(name, destination, to):
    target = {"GatewayId": gateway()} if to == "gateway" else {"InstanceId": nat(to)}
    EC2.replace_route(RouteTableId=table(name), DestinationCidrBlock=destination, **target)


def add(name, destination, to):
    EC2.create_route(RouteTableId=table(name), DestinationCidrBlock=destination, InstanceId=nat(to))


def remove(name, destination):
    EC2.delete_route(RouteTableId=table(name), DestinationCidrBlock=destination)


def check(name, value):
    EC2.modify_instance_attribute(InstanceId=nat(name), SourceDestCheck={"Value": value == "on"})


def vpc(name, cidr):
    tagged = [{"ResourceType": "vpc", "Tags": [{"Key": "Name", "Value": name}]}]
    EC2.create_vpc(CidrBlock=cidr, TagSpecifications=tagged)


def terminate(name):
    EC2.terminate_instances(InstanceIds=[nat(name)])


def stop(name):
    EC2.stop_instances(InstanceIds=[nat(name)])


def say(name, status):
    EC2.create_tags(Resources=[nat(name)], Tags=[{"Key": "runbook:heartbeat", "Value": status}])


def silence(name):
    EC2.delete_tags(Resources=[nat(name)], Tags=[{"Key": "runbook:heartbeat"}])


def rename(kind, name, new):
    found = getattr(EC2, f"describe_{kind}s")(Filters=named("tag:Name", name))
    [one] = next(value for key, value in found.items() if key.endswith("s") and isinstance(value, list))
    resource = next(value for key, value in one.items() if key == {"subnet": "SubnetId", "route_table": "RouteTableId"}[kind])
    EC2.create_tags(Resources=[resource], Tags=[{"Key": "Name", "Value": new}])


def replace(name, table_name):
    """Has another like it carry its traffic instead."""
    old = nat(name)
    new = twin(name)
    EC2.modify_instance_attribute(InstanceId=new, SourceDestCheck={"Value": False})
    EC2.replace_route(RouteTableId=table(table_name), DestinationCidrBlock="0.0.0.0/0", InstanceId=new)
    EC2.terminate_instances(InstanceIds=[old])


def twin(name):
    """Launches another like it."""
    [page] = EC2.describe_instances(InstanceIds=[nat(name)])["Reservations"]
    [old] = page["Instances"]
    tags = [tag for tag in old["Tags"] if not tag["Key"].startswith("aws:")]
    made = EC2.run_instances(
        ImageId=old["ImageId"],
        InstanceType=old["InstanceType"],
        SubnetId=old["SubnetId"],
        MinCount=1,
        MaxCount=1,
        TagSpecifications=[{"ResourceType": "instance", "Tags": tags}],
    )
    return only(made["Instances"])["InstanceId"]


def carrier(name, by):
    value = f"{nat(by)} since=2026-11-21T09:12:03Z by=heartbeat from=none"
    EC2.create_tags(Resources=[table(name)], Tags=[{"Key": "runbook:carrier", "Value": value}])


def launch(token, kind):
    image = EC2.describe_images(Owners=["amazon"])["Images"][0]["ImageId"]
    made = EC2.run_instances(ImageId=image, InstanceType=kind, MinCount=1, MaxCount=1, ClientToken=token)
    print(only(made["Instances"])["InstanceId"])


def end(name):
    EC2.terminate_instances(InstanceIds=[machine(name)])


def group(name):
    return only(EC2.describe_security_groups(Filters=named("group-name", name))["SecurityGroups"])["GroupId"]


def machine(name):
    found = EC2.describe_instances(Filters=named("tag:Name", name))["Reservations"]
    return only(only(found)["Instances"])["InstanceId"]


def open(name):
    ssh = {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
    EC2.authorize_security_group_ingress(GroupId=group(name), IpPermissions=[ssh])


def close(name, cidr):
    everything = {"IpProtocol": "-1", "IpRanges": [{"CidrIp": cidr}]}
    EC2.revoke_security_group_ingress(GroupId=group(name), IpPermissions=[everything])


def tokens(name, value):
    EC2.modify_instance_metadata_options(InstanceId=machine(name), HttpTokens=value, HttpPutResponseHopLimit=1, HttpEndpoint="enabled")


def tag(name, key, value):
    EC2.create_tags(Resources=[machine(name)], Tags=[{"Key": key, "Value": value}])


def address():
    EC2.allocate_address(Domain="vpc")


def key(name):
    EC2.create_key_pair(KeyName=name)


def role(name):
    """Makes a role and an instance profile of one name."""
    iam = boto3.client("iam", region_name="us-east-1")
    iam.create_role(RoleName=name, AssumeRolePolicyDocument='{"Version": "2012-10-17", "Statement": []}')
    iam.create_instance_profile(InstanceProfileName=name)
    iam.add_role_to_instance_profile(InstanceProfileName=name, RoleName=name)


globals()[sys.argv[1]](*sys.argv[2:])
