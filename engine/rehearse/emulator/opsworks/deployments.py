"""Deployments: commands that run on instances, those of the life cycle among them."""

from __future__ import annotations

from ..accounts import OPSWORKS_STAGE
from ..identity import USER
from .book import Book, Fields, check_json, exactly_one, invalid, new_id, now, shown

REACHABLE = {"online", "running_setup"}
OF_APPS = {"deploy", "rollback", "start", "stop", "restart", "undeploy"}


def create(book: Book, asked: Fields) -> Fields:
    """Starts a command on the instances asked for, or on all that can be reached."""
    check_json(asked)
    name = asked["Command"]["Name"]
    if name in OF_APPS and not asked.get("AppId"):
        raise invalid(f"AppId: needed for {name}")
    if name == "execute_recipes" and not asked["Command"].get("Args", {}).get("recipes"):
        raise invalid("Command: execute_recipes needs the argument recipes")
    if asked.get("AppId"):
        book.find("app", asked["AppId"])
    record = {**asked, "InstanceIds": _targets(book, asked)}
    record.pop("LayerIds", None)
    deployment = begin(book, record, name)
    finish_later(book, deployment)
    return {"DeploymentId": deployment["DeploymentId"]}


def _targets(book: Book, asked: Fields) -> list[str]:
    everyone = book.of_stack("instance", asked["StackId"])
    named = asked.get("InstanceIds") or []
    for instance_id in named:
        instance = book.find("instance", instance_id)
        if instance not in everyone:
            raise invalid(f"InstanceIds: {instance_id} is not in stack {asked['StackId']}")
        if instance["Status"] not in REACHABLE:
            raise invalid(f"InstanceIds: {instance_id} is {instance['Status']}, not online")
    layers = set(asked.get("LayerIds") or [])
    for layer_id in layers:
        book.find("layer", layer_id)
    if named and not layers:
        return named
    chosen = [
        one["InstanceId"]
        for one in everyone
        if one["Status"] in REACHABLE and (not layers or layers & set(one["LayerIds"]))
    ]
    return [*named, *(one for one in chosen if one not in named)]


def begin(book: Book, record: Fields, kind: str) -> Fields:
    """Records a deployment that runs, with a command an instance."""
    deployment_id = new_id()
    seen = book.find("stack", record["StackId"]).get("CustomJson")
    deployment = {
        "DeploymentId": deployment_id,
        "CreatedAt": now(),
        "IamUserArn": f"arn:aws:iam::{book.account_id}:{USER}",
        **record,
        "Status": "running",
        "_seen_custom_json": seen,
    }
    book.deployments[deployment_id] = deployment
    for instance_id in record["InstanceIds"]:
        command_id = new_id()
        book.commands[command_id] = {
            "CommandId": command_id,
            "DeploymentId": deployment_id,
            "InstanceId": instance_id,
            "CreatedAt": deployment["CreatedAt"],
            "AcknowledgedAt": deployment["CreatedAt"],
            "Status": "pending",
            "Type": kind,
        }
    return deployment


def finish(book: Book, deployment: Fields) -> None:
    """Ends a deployment well."""
    done = {"Status": "successful", "CompletedAt": now()}
    deployment.update(done, Duration=int(OPSWORKS_STAGE * book.account.pace))
    for command in book.commands.values():
        if command["DeploymentId"] == deployment["DeploymentId"]:
            command.update(done, ExitCode=0)


def finish_later(book: Book, deployment: Fields) -> None:
    """Ends a deployment after a stage's time."""
    book.account.after(OPSWORKS_STAGE, lambda: finish(book, deployment))


def describe(book: Book, asked: Fields) -> Fields:
    """Describes the deployments asked for, a stack's or an app's, newest first."""
    member = exactly_one(asked, "DeploymentIds", "StackId", "AppId")
    if member == "DeploymentIds":
        found = [book.find("deployment", one) for one in asked[member]]
    else:
        book.find("stack" if member == "StackId" else "app", asked[member])
        everything = reversed(list(book.deployments.values()))
        found = [one for one in everything if one.get(member) == asked[member]]
    return {"Deployments": [shown(one) for one in found]}


def describe_commands(book: Book, asked: Fields) -> Fields:
    """Describes the commands asked for, a deployment's or an instance's, newest first."""
    member = exactly_one(asked, "CommandIds", "DeploymentId", "InstanceId")
    if member == "CommandIds":
        found = [book.find("command", one) for one in asked[member]]
    else:
        book.find("deployment" if member == "DeploymentId" else "instance", asked[member])
        everything = reversed(list(book.commands.values()))
        found = [one for one in everything if one[member] == asked[member]]
    return {"Commands": [shown(one) for one in found]}
