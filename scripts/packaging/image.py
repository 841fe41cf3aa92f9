#!/usr/bin/env python3
"""A container image without a container engine: image.py STAGE VERSION FILE --packages FOLDER.

One layer: the staged program below /usr, the Debian packages of the libraries that it is loaded with, the issuers of
certificates, and a folder that may be written, /results. There is no shell and no package manager; the user is no root.
FILE is an OCI layout in a tar, with the list that `docker load` of older versions looks for.
"""

import argparse
import gzip
import hashlib
import io
import json
import os
import pathlib
import subprocess
import tarfile
import time

import linked

EPOCH = int(os.environ.get("SOURCE_DATE_EPOCH", 0))
USER = 65532
# What a program without a shell never opens; the licences stay.
LEFT_OUT = (
    "usr/share/man/", "usr/share/locale/", "usr/share/lintian/", "usr/share/gcc/", "usr/share/gdb/", "usr/lib/systemd/",
    "usr/sbin/", "usr/bin/", "etc/",
)


def unpacked(archive):
    """The files of a package at their places in a root whose /lib is /usr/lib: {place: (member, bytes)}."""
    tar = subprocess.run(["dpkg-deb", "--fsys-tarfile", archive], check=True, capture_output=True).stdout
    files = {}
    with tarfile.open(fileobj=io.BytesIO(tar)) as package:
        for member in package:
            place = member.name.removeprefix("./")
            if place.split("/")[0] in ("lib", "lib64", "bin", "sbin"):
                place = "usr/" + place
            is_text = place.startswith("usr/share/doc/") and not place.endswith("/copyright")
            if member.isdir() or place.startswith(LEFT_OUT) or is_text or "/gconv/" in place:
                continue
            files[place] = (member, package.extractfile(member).read() if member.isreg() else b"")
    return files


def entry(place, data=None, link=None, mode=0o644, owner=0):
    """A file, a link, or (with neither) a folder of the layer."""
    info = tarfile.TarInfo(place)
    info.mtime, info.uid, info.gid, info.mode = EPOCH, owner, owner, mode
    if link is not None:
        info.type, info.linkname, info.mode = tarfile.SYMTYPE, link, 0o777
    elif data is None:
        info.type = tarfile.DIRTYPE
    else:
        info.size = len(data)
    return info, data


def downloaded(names, folder):
    """The packages' files, of the versions that the machine's sources have now."""
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("*.deb"):
        old.unlink()
    done = subprocess.run(["apt-get", "-qq", "download", *names], cwd=folder, capture_output=True, text=True)
    if done.returncode != 0:
        raise SystemExit(done.stderr)
    return sorted(folder.glob("*.deb"))


def layer(stage, packages):
    """The layer's entries in the order of their places, and the packages as [(name, version)]."""
    entries = {}
    issuers = []
    versions = []
    for archive in packages:
        control = linked.output("dpkg-deb", "--field", str(archive))
        name, version = (linked.output("dpkg-deb", "--field", str(archive), field).strip() for field in ("Package", "Version"))
        versions.append((name, version))
        # Where scanners of images without a package manager look.
        entries[f"var/lib/dpkg/status.d/{name}"] = entry(f"var/lib/dpkg/status.d/{name}", control.encode())
        for place, (member, data) in unpacked(archive).items():
            if place.startswith("usr/share/ca-certificates/") and place.endswith(".crt"):
                issuers.append((place, data))
                continue
            link = member.linkname if member.issym() else None
            entries[place] = entry(place, data, link, 0o755 if member.mode & 0o111 else 0o644)
    for path in sorted(stage.rglob("*")):
        if path.is_file():
            place = f"usr/{path.relative_to(stage)}"
            entries[place] = entry(place, path.read_bytes(), mode=0o755 if os.access(path, os.X_OK) else 0o644)
    bundle = b"".join(data.rstrip(b"\n") + b"\n" for _, data in sorted(issuers))
    files = {
        "etc/ssl/certs/ca-certificates.crt": bundle,
        "etc/passwd": f"root:x:0:0::/:/none\nshardmeter:x:{USER}:{USER}::/results:/none\n".encode(),
        "etc/group": f"root:x:0:\nshardmeter:x:{USER}:\n".encode(),
        "etc/nsswitch.conf": b"hosts: files dns\n",
    }
    entries |= {place: entry(place, data) for place, data in files.items()}
    links = {"lib": "usr/lib", "lib64": "usr/lib64", "bin": "usr/bin", "etc/os-release": "../usr/lib/os-release"}
    # Where Debian's OpenSSL looks for issuers.
    links |= {"usr/lib/ssl/certs": "/etc/ssl/certs", "usr/lib/ssl/cert.pem": "/etc/ssl/certs/ca-certificates.crt"}
    entries |= {place: entry(place, link=target) for place, target in links.items()}
    folders = {str(parent) for place in entries for parent in pathlib.PurePath(place).parents} - {"."}
    entries |= {place: entry(place, mode=0o755) for place in folders}
    entries["tmp"] = entry("tmp", mode=0o1777)
    entries["results"] = entry("results", mode=0o755, owner=USER)
    return [entries[place] for place in sorted(entries)], versions


def tar(entries):
    held = io.BytesIO()
    with tarfile.open(fileobj=held, mode="w", format=tarfile.GNU_FORMAT) as out:
        for info, data in entries:
            out.addfile(info, io.BytesIO(data) if data is not None and info.isreg() else None)
    return held.getvalue()


def layout(plain, version, packages):
    """The files of the OCI layout: {place: bytes}."""
    blobs = {}

    def blob(kind, data):
        digest = hashlib.sha256(data).hexdigest()
        blobs[f"blobs/sha256/{digest}"] = data
        return {"mediaType": f"application/vnd.oci.image.{kind}", "digest": f"sha256:{digest}", "size": len(data)}

    def text(value):
        return json.dumps(value, indent=1, sort_keys=True).encode() + b"\n"

    architecture = {"x86_64": "amd64", "aarch64": "arm64"}[os.uname().machine]
    made = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(EPOCH))
    labels = {
        "org.opencontainers.image.title": "shardmeter",
        "org.opencontainers.image.version": version,
        "org.opencontainers.image.licenses": "Apache-2.0",
        "org.opencontainers.image.description": "Load tests and benchmarks for Amazon Kinesis PutRecords endpoints",
    }
    content = blob("layer.v1.tar+gzip", gzip.compress(plain, 9, mtime=0))
    config = blob("config.v1+json", text({
        "created": made, "architecture": architecture, "os": "linux",
        "config": {
            "User": f"{USER}:{USER}", "Entrypoint": ["/usr/bin/shardmeter"], "Cmd": ["help"], "WorkingDir": "/",
            "Env": ["PATH=/usr/bin", "HOME=/results", "LANG=C.UTF-8"], "Volumes": {"/results": {}}, "Labels": labels,
        },
        "rootfs": {"type": "layers", "diff_ids": [f"sha256:{hashlib.sha256(plain).hexdigest()}"]},
        "history": [{"created": made, "created_by": "scripts/package", "comment": " ".join(f"{n}={v}" for n, v in packages)}],
    }))
    manifest = blob("manifest.v1+json", text({
        "schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json", "config": config, "layers": [content],
    }))
    tag = version.replace("+", "-")
    named = manifest | {
        "annotations": {"org.opencontainers.image.ref.name": tag, "io.containerd.image.name": f"docker.io/library/shardmeter:{tag}"},
        "platform": {"architecture": architecture, "os": "linux"},
    }
    place = "blobs/sha256/{}".format
    return blobs | {
        "oci-layout": text({"imageLayoutVersion": "1.0.0"}),
        "index.json": text({
            "schemaVersion": 2, "mediaType": "application/vnd.oci.image.index.v1+json", "manifests": [named],
        }),
        "manifest.json": text([{
            "Config": place(config["digest"][7:]), "RepoTags": [f"shardmeter:{tag}"], "Layers": [place(content["digest"][7:])],
        }]),
    }


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("stage", type=pathlib.Path)
    parser.add_argument("version")
    parser.add_argument("file", type=pathlib.Path)
    parser.add_argument("--packages", type=pathlib.Path, required=True)
    options = parser.parse_args()
    owners = {linked.package_of(path) for path in linked.closure(options.stage / "bin/shardmeter")}
    if None in owners:
        raise SystemExit("a library of the program is in no Debian package")
    names = sorted({owner[0] for owner in owners} | {"base-files", "ca-certificates"})
    entries, versions = layer(options.stage, downloaded(names, options.packages))
    files = layout(tar(entries), options.version, versions)
    places = {str(parent) for place in files for parent in pathlib.PurePath(place).parents} - {"."}
    members = {place: entry(place, mode=0o755) for place in places} | {place: entry(place, data) for place, data in files.items()}
    options.file.write_bytes(tar([members[place] for place in sorted(members)]))


if __name__ == "__main__":
    main()
