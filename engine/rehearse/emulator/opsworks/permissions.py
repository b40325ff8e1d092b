"""Who may do what in a stack."""

from __future__ import annotations

import re

from .book import Book, Fields, invalid, shown

LEVELS = {"deny", "show", "deploy", "manage", "iam_only"}


def set_permission(book: Book, asked: Fields) -> Fields:
    """Sets a user's permissions, the ones before replaced."""
    book.find("stack", asked["StackId"])
    if not re.fullmatch(r"arn:aws[\w-]*:iam::\d{12}:user/.+", asked["IamUserArn"]):
        raise invalid(f"IamUserArn: {asked['IamUserArn']} is not the ARN of an IAM user")
    if asked.get("Level", "show") not in LEVELS:
        raise invalid(f"Level: {asked['Level']} is not one of {', '.join(sorted(LEVELS))}")
    if asked.get("AllowSudo") and not asked.get("AllowSsh"):
        raise invalid("AllowSudo: needs AllowSsh")
    preset = {"AllowSsh": False, "AllowSudo": False, "Level": "iam_only"}
    book.permissions[asked["StackId"], asked["IamUserArn"]] = {**preset, **asked}
    return {}


def describe(book: Book, asked: Fields) -> Fields:
    """Describes the permissions of a stack, of a user, or of a user in a stack."""
    stack_id, user = asked.get("StackId"), asked.get("IamUserArn")
    if stack_id:
        book.find("stack", stack_id)
    found = [
        shown(permission)
        for permission in book.permissions.values()
        if stack_id in {None, permission["StackId"]} and user in {None, permission["IamUserArn"]}
    ]
    return {"Permissions": found}
