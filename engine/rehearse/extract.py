"""Takes the protocol vectors out of botocore's source distribution: ARCHIVE DESTINATION."""

import sys
import tarfile
from pathlib import Path

archive, destination = sys.argv[1], Path(sys.argv[2])
with tarfile.open(archive) as source:
    for member in source:
        _, _, inner = member.name.partition("/tests/unit/protocols/")
        if member.isfile() and inner:
            target = destination / inner
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(source.extractfile(member).read())
