"""Elastic IP addresses: those registered with a stack, and those that instances were given by their layer."""

from __future__ import annotations

from typing import Any

from . import lifecycle
from .book import Book, Fields, Refused, exactly_one, invalid, shown


def _address(book: Book, region: str, ip: str) -> Any:
    for address in book.ec2(region).addresses:
        if address.public_ip == ip:
            return address
    raise invalid(f"ElasticIp: {ip} is not one of this account's addresses")


def _unknown(ip: str) -> Refused:
    return Refused("ResourceNotFoundException", f"Unable to find elastic IP {ip}")


def _find(book: Book, ip: str) -> Fields:
    if ip not in book.elastic_ips:
        raise _unknown(ip)
    return book.elastic_ips[ip]


def register(book: Book, asked: Fields) -> Fields:
    """Registers one of the account's addresses with a stack."""
    ip, region = asked["ElasticIp"], book.find("stack", asked["StackId"])["Region"]
    _address(book, region, ip)
    if ip in book.elastic_ips:
        raise invalid(f"ElasticIp: {ip} is registered already")
    known = {"Ip": ip, "Domain": "vpc", "Region": region, "StackId": asked["StackId"]}
    book.elastic_ips[ip] = known
    return {"ElasticIp": ip}


def update(book: Book, asked: Fields) -> Fields:
    """Names an address."""
    _find(book, asked["ElasticIp"])["Name"] = asked.get("Name")
    return {}


def associate(book: Book, asked: Fields) -> Fields:
    """Gives an instance the address."""
    found = _find(book, asked["ElasticIp"])
    instance = book.find("instance", asked["InstanceId"])
    if found.get("InstanceId"):
        raise invalid(f"ElasticIp: {found['Ip']} is associated with {found['InstanceId']}")
    address = _address(book, found["Region"], found["Ip"])
    machine = lifecycle.machine_of(book, instance)
    if machine is not None:
        book.ec2(found["Region"]).associate_address(
            instance=machine, allocation_id=address.allocation_id, reassociate=True
        )
    instance["ElasticIp"] = found["Ip"]
    found["InstanceId"] = instance["InstanceId"]
    return {}


def disassociate(book: Book, asked: Fields) -> Fields:
    """Takes the address from its instance."""
    found = _find(book, asked["ElasticIp"])
    if not found.get("InstanceId"):
        raise invalid(f"ElasticIp: {found['Ip']} is not associated with an instance")
    book.find("instance", found.pop("InstanceId")).pop("ElasticIp", None)
    backend = book.ec2(found["Region"])
    if _address(book, found["Region"], found["Ip"]).association_id:
        backend.disassociate_address(address=found["Ip"])
    return {}


def deregister(book: Book, asked: Fields) -> Fields:
    """Forgets an address; it stays the account's."""
    _find(book, asked["ElasticIp"])
    del book.elastic_ips[asked["ElasticIp"]]
    return {}


def describe(book: Book, asked: Fields) -> Fields:
    """Describes the addresses asked for, an instance's or a stack's."""
    member = exactly_one(asked, "InstanceId", "StackId", "Ips")
    if member != "Ips":
        return {"ElasticIps": [_told(one) for one in _all(book) if one.get(member) == asked[member]]}
    known = {one["Ip"]: one for one in _all(book)}
    for ip in asked["Ips"]:
        if ip not in known:
            raise _unknown(ip)
    return {"ElasticIps": [_told(known[ip]) for ip in asked["Ips"]]}


def _all(book: Book) -> list[Fields]:
    layered = [
        {
            "Ip": one["ElasticIp"],
            "Domain": "vpc",
            "Region": book.find("stack", one["StackId"])["Region"],
            "InstanceId": one["InstanceId"],
            "StackId": one["StackId"],
        }
        for one in book.instances.values()
        if one.get("ElasticIp") and one["ElasticIp"] not in book.elastic_ips
    ]
    return [*book.elastic_ips.values(), *layered]


def _told(one: Fields) -> Fields:
    return shown({name: value for name, value in one.items() if name != "StackId"})
