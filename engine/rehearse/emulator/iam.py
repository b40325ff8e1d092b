"""IAM, where moto answers otherwise than AWS."""

from __future__ import annotations

from moto.iam.exceptions import NotFoundException
from moto.iam.models import IAMBackend

remove_role = IAMBackend.remove_role_from_instance_profile


def install() -> None:
    """Has a role that is not in a profile be refused as AWS does."""
    IAMBackend.remove_role_from_instance_profile = _remove_role


def _remove_role(self: IAMBackend, profile_name: str, role_name: str) -> None:
    profile = self.get_instance_profile(profile_name)
    if role_name not in {role.name for role in profile.roles}:
        raise NotFoundException(
            f"Role {role_name} in Instance Profile {profile_name} cannot be found."
        )
    remove_role(self, profile_name, role_name)
