# shellcheck shell=bash
# What the lab's scripts share. To be sourced; does nothing by itself.
#
# Promises: `say` and `fail` speak in one sentence; `lab_tree` unpacks Debian
# packages into the cache without installing them, and never twice.

LAB_DIR=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
LAB_CACHE=${RINGWALL_LAB_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/ringwall-lab}
LAB_STATE=${RINGWALL_LAB_STATE:-/var/lib/ringwall-lab}
LAB_RUN=${RINGWALL_LAB_RUN:-/run/ringwall-lab}
LAB_ENGINE=${RINGWALL_LAB_ENGINE:-sid}
LAB_REGISTRY=127.0.0.1:5999
export LAB_DIR LAB_CACHE LAB_STATE LAB_RUN LAB_ENGINE LAB_REGISTRY

# The engine's own client where there is one: the newest client a machine
# happens to have comes second.
export PATH="$LAB_CACHE/bin:$PATH"

say() { printf '%s\n' "$*"; }

# Prints one sentence on stderr and ends the script with 1.
fail() {
  printf '%s: %s\n' "$(basename "$0")" "$*" >&2
  exit 1
}

need_root() {
  [ "$(id -u)" -eq 0 ] || fail "must run as root: it installs packages, runs a container engine and makes files of other users."
}

# Seconds since the epoch with milliseconds, for measured times.
now() { date +%s.%3N; }

# since START - seconds passed, with one decimal.
since() { awk -v a="$1" -v b="$(now)" 'BEGIN { printf "%.1f", b - a }'; }

# quietly COMMAND… - runs it, and shows what it printed only if it failed.
quietly() {
  local log status=0
  log=$(mktemp)
  "$@" >"$log" 2>&1 || status=$?
  if [ "$status" -ne 0 ]; then tail -n 20 "$log" >&2; fi
  rm -f "$log"
  return "$status"
}

lab_apt() {
  DEBIAN_FRONTEND=noninteractive apt-get -q -y \
    -o APT::Sandbox::User=root -o APT::Install-Recommends=false \
    -o DPkg::Lock::Timeout=300 "$@"
}

# What is never unpacked: a compiler back end and a Perl that no lab image runs.
lab_unwanted() {
  case $1 in
    libllvm*|libz3-*|perl_*|perl-modules-*|libperl5*|*-perl_*|locales_*|debconf_*|usrmerge_*) return 0 ;;
    *) return 1 ;;
  esac
}

# lab_tree NAME SUITE MODE PACKAGE… - makes $LAB_CACHE/trees/NAME the unpacked
# content of the packages, merged in one root with a merged /usr.
#   MODE alone    only the packages named
#   MODE closure  with everything they depend on, as on an empty machine
# The versions found stand in .packages of the tree. A tree that was made for
# the same request is kept as it is, unless RINGWALL_LAB_REFRESH is set.
lab_tree() {
  local name=$1 suite=$2 mode=$3
  shift 3
  local tree=$LAB_CACHE/trees/$name request="$suite $mode $*" work deb
  if [ -z "${RINGWALL_LAB_REFRESH:-}" ] && [ "$(cat "$tree/.request" 2>/dev/null)" = "$request" ]; then
    return 0
  fi
  mkdir -p "$LAB_CACHE/trees"
  work=$(mktemp -d "$LAB_CACHE/trees/.$name.XXXXXX")
  mkdir -p "$work/debs/partial" "$work/root/usr"/{bin,sbin,lib,lib64}
  for deb in bin sbin lib lib64; do ln -s "usr/$deb" "$work/root/$deb"; done
  : >"$work/status"
  if ! quietly lab_fetch "$work" "$suite" "$mode" "$@"; then
    # Package lists grow old: what they name may have left the mirror.
    quietly lab_apt update || true
    quietly lab_fetch "$work" "$suite" "$mode" "$@" ||
      { rm -rf "$work"; fail "the packages $* of $suite cannot be fetched from the Debian mirror."; }
  fi
  for deb in "$work"/debs/*.deb; do
    lab_unwanted "$(basename "$deb")" && continue
    dpkg-deb --fsys-tarfile "$deb" | tar -x --keep-directory-symlink -C "$work/root"
    dpkg-deb --show "$deb" >>"$work/root/.packages"
  done
  sort -o "$work/root/.packages" "$work/root/.packages"
  printf '%s' "$request" >"$work/root/.request"
  rm -rf "$tree"
  mv "$work/root" "$tree"
  rm -rf "$work"
}

lab_fetch() {
  local work=$1 suite=$2 mode=$3 package
  local named=() release=()
  shift 3
  # Naming bookworm would put it before its own security updates.
  if [ "$suite" != bookworm ]; then release=(--target-release "$suite"); fi
  case $mode in
    alone)
      for package; do named+=("$package/$suite"); done
      (cd "$work/debs" && lab_apt download "${named[@]}")
      ;;
    closure)
      lab_apt -o Dir::State::status="$work/status" -o Dir::State::extended_states="$work/extended" \
        -o Dir::Cache::archives="$work/debs/" -o Debug::NoLocking=true \
        "${release[@]}" --download-only install "$@"
      ;;
  esac
}

# lab_version TREE PACKAGE - its upstream version: no epoch, no Debian revision,
# no note of repackaging.
lab_version() {
  awk -v p="$2" '$1 == p || index($1, p ":") == 1 { print $2; exit }' "$LAB_CACHE/trees/$1/.packages" |
    sed -E 's/^[0-9]+://; s/-[^-]*$//; s/[+~]?(ds|dfsg)[0-9.]*$//'
}

# Packages that several scripts use. One place says which suite each is from.
# - sid: Go programs, which need no more than the C library of bookworm
# - bookworm, closure: everything that is made into an image with its libraries
# - trixie, closure: an nginx that knows today's directives, and the busybox of
#   today's Alpine (bookworm's crashes at `wget -T`)
lab_programs() {
  lab_tree programs sid alone caddy prometheus promtool prometheus-alertmanager \
    prometheus-node-exporter docker-compose
}
lab_base() {
  lab_tree base bookworm closure libc-bin bash ca-certificates util-linux docker-registry \
    postgresql-15 python3-psycopg2 \
    mosquitto/bookworm-backports mosquitto-clients/bookworm-backports libmosquitto1/bookworm-backports
}
lab_newer() { lab_tree newer trixie closure nginx busybox-static; }

# lab_engine SUITE - an engine newer than bookworm's. Its runc is left out: it
# wants a newer C library, and bookworm's serves all of them.
lab_engine() { lab_tree "engine-$1" "$1" alone docker.io docker-cli containerd; }
