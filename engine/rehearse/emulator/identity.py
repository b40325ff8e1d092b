"""Who the caller is: an IAM user, in the form that AWS gives one."""

from __future__ import annotations

from moto.sts.models import STSBackend

USER = "user/rehearsal"

get_caller_identity = STSBackend.get_caller_identity


def install() -> None:
    """Has STS name the caller."""
    STSBackend.get_caller_identity = _get_caller_identity


def _get_caller_identity(self: STSBackend, access_key_id: str, region: str) -> tuple[str, str, str]:
    user_id, arn, account_id = get_caller_identity(self, access_key_id, region)
    if arn.endswith(":user/moto"):
        arn = f"arn:{self.partition}:iam::{account_id}:{USER}"
    return user_id, arn, account_id
