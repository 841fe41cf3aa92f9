"""What a program is made of: read from the program itself and from the linker's list, never from a list kept by hand."""

import pathlib
import re
import subprocess

SWIFT = "Apache-2.0 WITH Swift-exception"
# Whose work an archive of the toolchain is: pattern, project, licence. An archive that no line knows stops the packaging.
ARCHIVES = [
    (r"swiftDispatch|dispatch|BlocksRuntime", "swift-corelibs-libdispatch", "https://github.com/swiftlang/swift-corelibs-libdispatch"),
    (r"FoundationEssentials|_FoundationCShims", "swift-foundation", "https://github.com/swiftlang/swift-foundation"),
    (r"_FoundationCollections", "swift-collections", "https://github.com/apple/swift-collections"),
    (r"swift_(RegexParser|StringProcessing)|swiftRegexBuilder", "swift-experimental-string-processing",
     "https://github.com/swiftlang/swift-experimental-string-processing"),
    (r"swift\w*", "swift", "https://github.com/swiftlang/swift"),
]


def output(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def shared(program):
    """The libraries that the program names itself, and their files: [(name, path)]."""
    named = re.findall(r"\(NEEDED\).*\[(.+)\]", output("readelf", "--dynamic", str(program)))
    places = dict(re.findall(r"^\s*(\S+) => (/\S+)", output("ldd", str(program)), re.MULTILINE))
    return [(name, places.get(name)) for name in named]


def closure(program):
    """The files of all libraries that the program is loaded with, the loader included."""
    found = re.findall(r"^\s*(?:\S+ => )?(/\S+) \(0x", output("ldd", str(program)), re.MULTILINE)
    return sorted(set(found))


def package_of(path):
    """The Debian package that a file came with, as (name, version, source); None where there is none."""
    real = str(pathlib.Path(path).resolve())
    # Files of merged folders are registered under either name.
    for place in dict.fromkeys([path, real, real.removeprefix("/usr"), path.removeprefix("/usr")]):
        done = subprocess.run(["dpkg-query", "--search", place], capture_output=True, text=True)
        if done.returncode == 0:
            name = done.stdout.splitlines()[0].split(": ")[0].split(",")[0]
            form = "${Package}\t${Version}\t${source:Package}"
            return tuple(output("dpkg-query", "--show", f"--showformat={form}", name).split("\t"))
    return None


def static(linker_map):
    """The toolchain's archives that the linker took something from, by project: {(project, address): [archive]}."""
    text = pathlib.Path(linker_map).read_text(errors="replace")
    archives = sorted(set(re.findall(r"/lib([\w+]+)\.a\(", text)))
    # Startup files and pieces of the compiler's own run-time library.
    archives = [name for name in archives if name not in ("gcc", "c_nonshared", "gcc_eh")]
    projects = {}
    for archive in archives:
        known = [line for line in ARCHIVES if re.fullmatch(line[0], archive)]
        if not known:
            raise SystemExit(f"lib{archive}.a is linked in, and linked.py does not know whose it is")
        projects.setdefault(known[0][1:], []).append(f"lib{archive}.a")
    if not archives:
        raise SystemExit(f"{linker_map} names no archive: it is no list of a linker")
    return projects


def newest(program, prefix):
    """The newest version of a library's symbols that the program asks for, as 2.34 for GLIBC."""
    versions = re.findall(rf"Name: {prefix}_([\d.]+)", output("readelf", "--version-info", str(program)))
    return max(versions, key=lambda version: [int(part) for part in version.split(".")], default="none")


def toolchain_licence():
    """The text that Swift's toolchain comes with: licence and exception of everything above."""
    swift = pathlib.Path(output("sh", "-c", "command -v swift").strip()).resolve()
    return (swift.parents[1] / "share/swift/LICENSE.txt").read_text()
