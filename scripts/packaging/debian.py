#!/usr/bin/env python3
"""The two texts that a Debian package is to have: debian.py copyright, debian.py changelog VERSION MAINTAINER.

The changes are those of README.md, section *Changes*: one place for people and packages.
"""

import email.utils
import os
import pathlib
import re
import sys
import textwrap

ROOT = pathlib.Path(__file__).resolve().parents[2]


def copyright_text():
    return """Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
Upstream-Name: shardmeter

Files: *
Copyright: 2026 the shardmeter authors
License: Apache-2.0
 On Debian systems the text is in /usr/share/common-licenses/Apache-2.0.
 .
 What is linked in from the Swift toolchain is under the same license with the
 Runtime Library Exception: /usr/share/doc/shardmeter/NOTICE.
"""


def changelog(version, maintainer):
    section = (ROOT / "README.md").read_text().split("\n## Changes\n")[1].split("\n## ")[0]
    entries = re.findall(r"^### (\S+)\n(.*?)(?=^### |\Z)", section, re.MULTILINE | re.DOTALL)
    if not entries or entries[0][0] != version.split("+")[0]:
        raise SystemExit(f"the newest changes in README.md are not those of {version}")
    date = email.utils.formatdate(int(os.environ.get("SOURCE_DATE_EPOCH", 0)))
    for number, (released, body) in enumerate(entries):
        lines = [" ".join(item.split()) for item in re.split(r"^- ", body, flags=re.MULTILINE)[1:]]
        yield f"shardmeter ({version if number == 0 else released}) unstable; urgency=low\n\n"
        for line in lines:
            yield textwrap.fill(line, 76, initial_indent="  * ", subsequent_indent="    ") + "\n"
        yield f"\n -- {maintainer}  {date}\n\n"


if __name__ == "__main__":
    if sys.argv[1] == "copyright":
        print(copyright_text(), end="")
    else:
        print("".join(changelog(*sys.argv[2:])), end="")
