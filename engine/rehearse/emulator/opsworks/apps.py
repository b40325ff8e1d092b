"""Apps."""

from __future__ import annotations

from .book import Book, Fields, exactly_one, invalid, new_id, now, shown


def create(book: Book, asked: Fields) -> Fields:
    """Makes an app."""
    for other in book.of_stack("app", asked["StackId"]):
        if other["Name"] == asked["Name"]:
            raise invalid(f'There is already an app named "{asked["Name"]}" for this stack')
    app_id = new_id()
    preset = {"Shortname": asked["Name"].lower().replace(" ", "_"), "EnableSsl": False}
    book.apps[app_id] = {**preset, **asked, "AppId": app_id, "CreatedAt": now()}
    return {"AppId": app_id}


def update(book: Book, asked: Fields) -> Fields:
    """Changes an app."""
    book.find("app", asked["AppId"]).update(asked)
    return {}


def describe(book: Book, asked: Fields) -> Fields:
    """Describes the apps asked for, or a stack's."""
    if exactly_one(asked, "AppIds", "StackId") == "AppIds":
        found = [book.find("app", app_id) for app_id in asked["AppIds"]]
    else:
        found = book.of_stack("app", asked["StackId"])
    return {"Apps": [shown(app) for app in found]}


def delete(book: Book, asked: Fields) -> Fields:
    """Deletes an app."""
    book.find("app", asked["AppId"])
    del book.apps[asked["AppId"]]
    return {}
