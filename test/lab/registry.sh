#!/usr/bin/env bash
# A registry on the loopback address, so that the lab's images get digests.
#
# Promises:
# - start: a registry answers on 127.0.0.1:5999 within 10 s; one that the lab
#   started before is kept
# - push: every image of the lab is in it, and `NAME REPOSITORY@sha256:…` is
#   printed for each; such a reference works in `docker run` and in Compose
# - stop: ends only what start began; what was pushed stays for the next start
#
# Usage: registry.sh start|push [NAME…]|stop|status
# Needs: install.sh; push needs engine.sh start and images.sh
set -euo pipefail
# shellcheck source=lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

pid_file=$LAB_RUN/registry.pid
log=$LAB_STATE/registry.log
config=$LAB_RUN/registry.yml

answers() { curl -fsS --noproxy '*' --max-time 2 "http://$LAB_REGISTRY/v2/" >/dev/null 2>&1; }

our_pid() {
  local pid
  pid=$(cat "$pid_file" 2>/dev/null) || return 1
  tr '\0' ' ' <"/proc/$pid/cmdline" 2>/dev/null | grep -q -- "serve $config" || return 1
  printf '%s' "$pid"
}

start() {
  local deadline=$((SECONDS + 10)) child
  mkdir -p "$LAB_STATE/registry" "$LAB_RUN"
  if our_pid >/dev/null && answers; then
    say "registry answers already on $LAB_REGISTRY"
    return 0
  fi
  answers && fail "something else answers on $LAB_REGISTRY."
  lab_base
  cat >"$config" <<CONFIG
version: 0.1
log: { level: warn }
storage:
  filesystem: { rootdirectory: $LAB_STATE/registry }
  delete: { enabled: true }
http: { addr: $LAB_REGISTRY }
CONFIG
  OTEL_TRACES_EXPORTER=none setsid "$LAB_CACHE/trees/base/usr/bin/docker-registry" serve "$config" </dev/null >"$log" 2>&1 &
  child=$!
  printf '%s\n' "$child" >"$pid_file"
  until answers; do
    if [ "$SECONDS" -ge "$deadline" ] || ! kill -0 "$child" 2>/dev/null; then
      tail -n 10 "$log" >&2
      fail "the registry did not answer within 10 s; its log's last lines stand above."
    fi
    sleep 0.1
  done
  say "registry answers on $LAB_REGISTRY"
}

push() {
  local name names=("$@") target
  answers || fail "no registry answers on $LAB_REGISTRY: run registry.sh start."
  if [ "${#names[@]}" -eq 0 ]; then mapfile -t names < <("$LAB_DIR/images.sh" --names); fi
  for name in "${names[@]}"; do
    docker image inspect "ringwall-lab/$name:current" >/dev/null 2>&1 || continue
    target=$LAB_REGISTRY/ringwall-lab/$name
    docker tag "ringwall-lab/$name:current" "$target:current"
    quietly docker push -q "$target:current" || fail "the image ringwall-lab/$name:current cannot be pushed."
    printf '%-16s %s\n' "$name" "$(docker image inspect --format '{{range .RepoDigests}}{{println .}}{{end}}' "$target:current" | grep -m1 "^$target@")"
  done
}

stop() {
  local pid
  if ! pid=$(our_pid); then
    say "no registry of the lab is running"
    return 0
  fi
  kill "$pid"
  while [ -d "/proc/$pid" ]; do sleep 0.1; done
  rm -f "$pid_file"
  say "registry stopped"
}

need_root
case ${1:-} in
  start) start ;;
  push) shift; push "$@" ;;
  stop) stop ;;
  status) if answers; then say "registry answers on $LAB_REGISTRY"; else say "no registry answers on $LAB_REGISTRY"; exit 1; fi ;;
  *) fail "unknown command '${1:-}': expected start, push, stop or status." ;;
esac
