"""Users as OpsWorks knows them."""

from __future__ import annotations

from .book import Book, Fields, Refused, invalid, shown


def create(book: Book, asked: Fields) -> Fields:
    """Makes a user's profile."""
    user = asked["IamUserArn"]
    if user in book.profiles:
        raise invalid(f"IamUserArn: {user} has a profile already")
    name = user.rsplit("/", 1)[-1]
    preset = {"Name": name, "SshUsername": name, "AllowSelfManagement": False}
    book.profiles[user] = {**preset, **asked}
    return {"IamUserArn": user}


def _find(book: Book, user: str) -> Fields:
    if user not in book.profiles:
        raise Refused("ResourceNotFoundException", f"Unable to find user profile {user}")
    return book.profiles[user]


def update(book: Book, asked: Fields) -> Fields:
    """Changes a user's profile."""
    _find(book, asked["IamUserArn"]).update(asked)
    return {}


def describe(book: Book, asked: Fields) -> Fields:
    """Describes the users asked for, or all."""
    users = asked.get("IamUserArns") or list(book.profiles)
    return {"UserProfiles": [shown(_find(book, user)) for user in users]}


def delete(book: Book, asked: Fields) -> Fields:
    """Deletes a user's profile."""
    _find(book, asked["IamUserArn"])
    del book.profiles[asked["IamUserArn"]]
    return {}
