"""What AWS refuses of a launch, and what it adds to one."""

from __future__ import annotations

from typing import Any

from moto.ec2.exceptions import EC2ClientError
from moto.ec2.models import EC2Backend
from moto.ec2.models.instance_types import INSTANCE_TYPE_OFFERINGS
from moto.iam.models import IAMBackend, iam_backends

from . import accounts
from .accounts import PROFILE_USABLE

add_role = IAMBackend.add_role_to_instance_profile


def install() -> None:
    """Has EC2 know an instance profile only some time after IAM has it."""
    IAMBackend.add_role_to_instance_profile = _add_role


def _add_role(self: IAMBackend, profile_name: str, role_name: str) -> None:
    add_role(self, profile_name, role_name)
    profile = self.get_instance_profile(profile_name)

    def finish() -> None:
        profile.known_to_ec2 = True

    accounts.of(self).after(PROFILE_USABLE, finish)


def require_usable_profile(backend: EC2Backend, name: str | None) -> None:
    """Raises what AWS does for an instance profile that EC2 does not know, or not yet."""
    iam = iam_backends[backend.account_id][backend.partition]
    known = [profile for profile in iam.instance_profiles.values() if profile.name == name]
    if name and not any(getattr(profile, "known_to_ec2", False) for profile in known):
        raise EC2ClientError(
            "InvalidParameterValue",
            f"Value ({name}) for parameter iamInstanceProfile.name is invalid. Invalid IAM "
            "Instance Profile name",
        )


def require_offered(backend: EC2Backend, kind: str | None, subnet_id: str | None) -> None:
    """Raises what AWS does for a type that the subnet's zone does not have."""
    if not kind or not subnet_id:
        return
    offered = INSTANCE_TYPE_OFFERINGS["availability-zone"].get(backend.region_name, [])
    zones = sorted(one["Location"] for one in offered if one["InstanceType"] == kind)
    zone = backend.get_subnet(subnet_id).availability_zone
    if zones and zone not in zones:
        raise EC2ClientError(
            "Unsupported",
            f"Your requested instance type ({kind}) is not supported in your requested "
            f"Availability Zone ({zone}). Please retry your request by not specifying an "
            f"Availability Zone or choosing {', '.join(zones)}.",
        )


def complete_root_device(backend: EC2Backend, image_id: str, asked: dict[str, Any]) -> None:
    """Takes the image's own snapshot for its root device where the request names none."""
    image = backend.amis.get(image_id)
    number = 1
    while image and f"BlockDeviceMapping.{number}.DeviceName" in asked:
        prefix = f"BlockDeviceMapping.{number}."
        is_root = asked[f"{prefix}DeviceName"] == [image.root_device_name]
        sized = any(f"{prefix}Ebs.{field}" in asked for field in ("VolumeSize", "SnapshotId"))
        if is_root and not sized:
            asked[f"{prefix}Ebs.SnapshotId"] = [image.ebs_snapshot.id]
        number += 1
