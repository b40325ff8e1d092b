"""Layers, and which packages the stack's operating system has for them."""

from __future__ import annotations

import re

from .book import Book, Fields, check_json, invalid, new_id, now, shown

NOT_PACKAGED = {"Ubuntu 12.04 LTS": {"jq"}}
EVENTS = ("Setup", "Configure", "Deploy", "Undeploy", "Shutdown")
PRESETS = {
    "Attributes": {},
    "AutoAssignElasticIps": False,
    "AutoAssignPublicIps": False,
    "CustomSecurityGroupIds": [],
    "DefaultRecipes": {event: [] for event in EVENTS},
    "DefaultSecurityGroupNames": ["AWS-OpsWorks-Custom-Server"],
    "EnableAutoHealing": True,
    "InstallUpdatesOnBoot": True,
    "LifecycleEventConfiguration": {"Shutdown": {"DelayUntilElbConnectionsDrained": False}},
    "Packages": [],
    "UseEbsOptimizedInstances": False,
    "VolumeConfigurations": [],
}


def create(book: Book, asked: Fields) -> Fields:
    """Makes a layer."""
    layer_id = new_id()
    layer = {**PRESETS, **asked, "LayerId": layer_id}
    _check(book, layer)
    _fill_recipes(layer)
    layer.update(Arn=book.arn("layer", layer_id), CreatedAt=now())
    book.layers[layer_id] = layer
    return {"LayerId": layer_id}


def _fill_recipes(layer: Fields) -> None:
    layer["CustomRecipes"] = {event: [] for event in EVENTS} | layer.get("CustomRecipes", {})


def _check(book: Book, layer: Fields) -> None:
    check_json(layer)
    if not re.fullmatch(r"[a-z0-9-]{1,200}", layer["Shortname"]):
        raise invalid(f"Shortname: {layer['Shortname']} may have only a-z, 0-9 and -")
    for other in book.of_stack("layer", layer["StackId"]):
        if other["LayerId"] == layer["LayerId"]:
            continue
        if other["Name"] == layer["Name"]:
            raise invalid(f'There is already a layer named "{layer["Name"]}" for this stack')
        if other["Shortname"] == layer["Shortname"]:
            raise invalid(
                f'There is already a layer with shortname "{layer["Shortname"]}" for this stack'
            )
    _check_packages(book.find("stack", layer["StackId"])["DefaultOs"], layer)


def _check_packages(system: str, layer: Fields) -> None:
    """Refuses by the stack's system; what the layer's instances run does not matter."""
    for package in layer["Packages"]:
        known = re.fullmatch(r"[a-z0-9][a-z0-9+._-]*", package)
        if not known or package in NOT_PACKAGED.get(system, set()):
            raise invalid(f"Packages: {package} is not a valid {system} package name")


def update(book: Book, asked: Fields) -> Fields:
    """Changes a layer."""
    layer = book.find("layer", asked["LayerId"])
    changed = {**layer, **asked}
    _check(book, changed)
    _fill_recipes(changed)
    layer.update(changed)
    return {}


def describe(book: Book, asked: Fields) -> Fields:
    """Describes the layers asked for, or a stack's."""
    if asked.get("LayerIds"):
        found = [book.find("layer", layer_id) for layer_id in asked["LayerIds"]]
    elif asked.get("StackId"):
        found = book.of_stack("layer", asked["StackId"])
    else:
        raise invalid("Please provide one or more layer IDs or a stack ID")
    return {"Layers": [shown(layer) for layer in found]}


def delete(book: Book, asked: Fields) -> Fields:
    """Deletes a layer without instances."""
    layer = book.find("layer", asked["LayerId"])
    if any(layer["LayerId"] in one["LayerIds"] for one in book.instances.values()):
        raise invalid(f"Layer {layer['LayerId']} has instances; delete them first")
    del book.layers[layer["LayerId"]]
    return {}
