#!/usr/bin/env python3
"""The notices of what is linked into a program: notices.py PROGRAM [LINKER-MAP], or --glibc PROGRAM for the oldest glibc."""

import sys

import linked


def notices(program, linker_map=None):
    print("shardmeter, Apache License 2.0: see LICENSE.\n")
    print(f"It runs with glibc {linked.newest(program, 'GLIBC')} or later, and takes these libraries from the system:\n")
    for name, path in linked.shared(program):
        package = linked.package_of(path) if path else None
        print(f"  {name}" + (f", of Debian's package {package[0]}, whose licence is in /usr/share/doc/{package[0]}" if package else ""))
    if linker_map is None:
        return
    print("\nLinked into it, from the Swift toolchain, each under the Apache License 2.0 with the Runtime Library Exception:\n")
    for (project, address), archives in sorted(linked.static(linker_map).items()):
        print(f"  {project} ({address}): {', '.join(archives)}")
    print("\nThe licence as the toolchain has it:\n")
    print(linked.toolchain_licence(), end="")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--glibc"]:
        print(linked.newest(sys.argv[2], "GLIBC"))
    else:
        notices(*sys.argv[1:])
