#!/usr/bin/env python3
"""The list of what is handed out, as SPDX 2.3: sbom.py PROGRAM LINKER-MAP VERSION IMAGE.

The image may be missing: its packages are then left out.
"""

import hashlib
import json
import os
import pathlib
import re
import sys
import tarfile
import time

import linked


def package(identifier, name, version, licence, address="NOASSERTION", purl=None, **more):
    described = {
        "SPDXID": f"SPDXRef-{re.sub('[^A-Za-z0-9.-]', '-', identifier)}", "name": name, "versionInfo": version,
        "downloadLocation": address, "filesAnalyzed": False, "licenseConcluded": licence, "licenseDeclared": licence,
        "copyrightText": "NOASSERTION", **more,
    }
    if purl:
        described["externalRefs"] = [
            {"referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl", "referenceLocator": purl}
        ]
    return described


def debian(name, version, kind):
    purl = f"pkg:deb/debian/{name}@{version.replace('+', '%2B').replace(':', '%3A').replace('~', '%7E')}"
    return package(f"{kind}-{name}", name, version, "NOASSERTION", purl=purl)


def image_packages(image):
    """The Debian packages in the image, as its history has them."""
    with tarfile.open(image) as layout:
        read = lambda place: json.load(layout.extractfile(place))  # noqa: E731
        config = read(read("manifest.json")[0]["Config"])
    return [word.split("=", 1) for word in config["history"][0]["comment"].split()]


def document(program, linker_map, version, image):
    digest = hashlib.sha256(pathlib.Path(program).read_bytes()).hexdigest()
    swift = re.search(r"Swift version (\S+)", linked.output("swift", "--version"))[1]
    root = package(
        "shardmeter", "shardmeter", version, "Apache-2.0", primaryPackagePurpose="APPLICATION",
        checksums=[{"algorithm": "SHA256", "checksumValue": digest}])
    packages, relations = [root], [("SPDXRef-DOCUMENT", "DESCRIBES", root["SPDXID"])]
    for (project, address), archives in sorted(linked.static(linker_map).items()):
        part = package(
            f"static-{project}", project, f"swift-{swift}-RELEASE", linked.SWIFT, address, comment=", ".join(archives))
        packages.append(part)
        relations.append((root["SPDXID"], "STATIC_LINK", part["SPDXID"]))
    for owner in sorted({linked.package_of(path) for _, path in linked.shared(program) if path} - {None}):
        part = debian(owner[0], owner[1], "shared")
        packages.append(part)
        relations.append((root["SPDXID"], "DYNAMIC_LINK", part["SPDXID"]))
    if pathlib.Path(image).exists():
        held = package("image", pathlib.Path(image).name, version, "NOASSERTION", primaryPackagePurpose="CONTAINER",
                       checksums=[{"algorithm": "SHA256", "checksumValue": hashlib.sha256(pathlib.Path(image).read_bytes()).hexdigest()}])
        packages.append(held)
        relations += [("SPDXRef-DOCUMENT", "DESCRIBES", held["SPDXID"]), (held["SPDXID"], "CONTAINS", root["SPDXID"])]
        for name, found in image_packages(image):
            part = debian(name, found, "image")
            packages.append(part)
            relations.append((held["SPDXID"], "CONTAINS", part["SPDXID"]))
    return {
        "spdxVersion": "SPDX-2.3", "dataLicense": "CC0-1.0", "SPDXID": "SPDXRef-DOCUMENT", "name": f"shardmeter-{version}",
        "documentNamespace": f"https://spdx.org/spdxdocs/shardmeter-{version}-{digest[:16]}",
        "creationInfo": {
            "created": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(int(os.environ.get("SOURCE_DATE_EPOCH", 0)))),
            "creators": ["Tool: shardmeter-scripts-package"],
        },
        "packages": packages,
        "relationships": [
            {"spdxElementId": one, "relationshipType": kind, "relatedSpdxElement": other} for one, kind, other in relations
        ],
    }


if __name__ == "__main__":
    json.dump(document(*sys.argv[1:]), sys.stdout, indent=1)
    print()
