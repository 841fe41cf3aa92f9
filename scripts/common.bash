# shellcheck shell=bash
# What the scripts beside this file share; to be sourced. Leaves the caller in the project's folder.

cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 1

# The commit for SHARDMETER_REVISION (see Package.swift), with "-dirty" when the tree differs; empty outside of git.
revision() {
  local commit
  commit=$(git rev-parse --short=12 HEAD 2>/dev/null) || return 0
  [ -z "$(git status --porcelain 2>/dev/null)" ] || commit+=-dirty
  printf '%s\n' "$commit"
}

# Stops with the way out unless a Swift toolchain of 6.2 or later is on the path.
need_swift() {
  local version
  if ! command -v swift >/dev/null; then
    echo "A Swift toolchain (6.2 or later) is needed: https://www.swift.org/install/linux/" >&2
    exit 1
  fi
  version=$(swift --version 2>/dev/null | sed -n 's/.*Swift version \([0-9]*\.[0-9]*\).*/\1/p' | head -n 1)
  if [ "$(printf '6.2\n%s\n' "$version" | sort -V | head -n 1)" != 6.2 ]; then
    echo "Swift 6.2 or later is needed, found ${version:-an unknown version}: https://www.swift.org/install/linux/" >&2
    exit 1
  fi
}

# Installs Debian packages as root or by a sudo that asks nothing; else prints the line to run and stops.
need_packages() {
  local line=(apt-get install -y --no-install-recommends "$@")
  if command -v apt-get >/dev/null; then
    if [ "$(id -u)" = 0 ]; then
      echo "installing $*"
      { apt-get update && DEBIAN_FRONTEND=noninteractive "${line[@]}"; } >/dev/null && return
    elif sudo -n true 2>/dev/null; then
      echo "installing $*"
      { sudo apt-get update && sudo DEBIAN_FRONTEND=noninteractive "${line[@]}"; } >/dev/null && return
    fi
    echo "Please run: sudo ${line[*]}" >&2
  else
    echo "Please install what Debian calls: $*" >&2
  fi
  exit 1
}

# The headers of the system libraries: OpenSSL 3, and nghttp2 from 1.52 on.
need_libraries() {
  if ! command -v pkg-config >/dev/null || ! pkg-config --exists 'openssl >= 3' 'libnghttp2 >= 1.52'; then
    need_packages libssl-dev libnghttp2-dev pkg-config
  fi
}

# A virtual environment with pinned packages (clients that would change each other's versions have one each), made again
# only when the list of packages changes.
environment() {
  local folder=$1 list=$2
  if cmp -s "$list" "$folder/packages.txt"; then return; fi
  rm -rf "$folder"
  python3 -m venv "$folder" || {
    need_packages python3-venv
    python3 -m venv "$folder"
  }
  "$folder/bin/pip" install --quiet --disable-pip-version-check -r "$list" || {
    rm -rf "$folder"
    return 1
  }
  cp "$list" "$folder/packages.txt"
}
