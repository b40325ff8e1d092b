#!/usr/bin/env python3
"""Packs botocore's service models, without their prose, into one compressed file a service.

    pack.py BOTOCORE SERVICE…       writes packed/SERVICE.json.gz beside this file

BOTOCORE is a source distribution (botocore-1.40.0.tar.gz) or a folder that holds `botocore/data`.
For OpsWorks it must be at most 1.40, the last one that has it. The same input gives the same bytes.
"""

import gzip
import json
import sys
import tarfile
from pathlib import Path

OUT = Path(__file__).parent / "packed"
METADATA = {
    "apiVersion", "awsQueryCompatible", "endpointPrefix", "jsonVersion", "protocol", "protocols", "serviceId",
    "signingName", "targetPrefix",
}
OPERATION = {"name", "http", "input", "output", "endpoint", "requestcompression"}
# What a shape, or a reference to one, needs to keep for validation and for every protocol.
SHAPE = {
    "type", "shape", "members", "member", "key", "value", "required", "enum", "min", "max", "error", "exception",
    "locationName", "queryName", "location", "payload", "flattened", "timestampFormat", "xmlNamespace", "xmlAttribute",
    "resultWrapper", "streaming", "eventstream", "event", "eventheader", "eventpayload", "jsonvalue", "hostLabel",
    "idempotencyToken", "document", "union", "box", "sensitive",
}
WAITER = {"operation", "delay", "maxAttempts", "acceptors"}


def folder(root):
    """Returns a reader of `data/…` files that gives None where there is none."""
    data = Path(root) / "botocore" / "data"
    names = [p.relative_to(data).as_posix() for p in data.rglob("*.json")]
    return names, lambda name: json.loads((data / name).read_text())


def archive(path):
    tar = tarfile.open(path)
    members = {m.name.split("botocore/data/", 1)[1]: m for m in tar if "/botocore/data/" in m.name and m.isfile()}
    return list(members), lambda name: json.load(tar.extractfile(members[name]))


def only(mapping, keep):
    return {key: value for key, value in mapping.items() if key in keep}


def shape(model):
    """A member may be called `documentation` too, so members are not filtered by their names."""
    kept = only(model, SHAPE)
    for part in ("member", "key", "value"):
        if part in kept:
            kept[part] = only(kept[part], SHAPE)
    if "members" in kept:
        kept["members"] = {name: only(member, SHAPE) for name, member in kept["members"].items()}
    return kept


def operation(model):
    kept = only(model, OPERATION)
    for part in ("input", "output"):
        if part in kept:
            kept[part] = only(kept[part], SHAPE)
    return kept


def paginators(names, read, prefix):
    merged = {}
    if prefix + "paginators-1.json" in names:
        merged = read(prefix + "paginators-1.json")["pagination"]
    if prefix + "paginators-1.sdk-extras.json" in names:
        for name, extra in read(prefix + "paginators-1.sdk-extras.json")["merge"]["pagination"].items():
            merged.setdefault(name, {}).update(extra)
    return merged


def pack(names, read, service):
    versions = sorted(name.split("/")[1] for name in names if name.startswith(service + "/") and "service-2" in name)
    if not versions:
        sys.exit(f"no model of `{service}` in this botocore")
    prefix = f"{service}/{versions[-1]}/"
    model = read(prefix + "service-2.json")
    waiters = read(prefix + "waiters-2.json")["waiters"] if prefix + "waiters-2.json" in names else {}
    return {
        "metadata": only(model["metadata"], METADATA),
        "operations": {name: operation(one) for name, one in model["operations"].items()},
        "shapes": {name: shape(one) for name, one in model["shapes"].items()},
        "paginators": paginators(names, read, prefix),
        "waiters": {name: only(waiter, WAITER) for name, waiter in waiters.items()},
    }


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__.strip())
    source, services = sys.argv[1], sys.argv[2:]
    names, read = folder(source) if Path(source).is_dir() else archive(source)
    OUT.mkdir(exist_ok=True)
    for service in services:
        text = json.dumps(pack(names, read, service), sort_keys=True, separators=(",", ":"))
        blob = gzip.compress(text.encode(), compresslevel=9, mtime=0)
        (OUT / f"{service}.json.gz").write_bytes(blob)
        print(f"{service}: {len(text)} bytes, packed {len(blob)}")


if __name__ == "__main__":
    main()
