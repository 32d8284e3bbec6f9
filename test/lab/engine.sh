#!/usr/bin/env bash
# Starts and stops the lab's own Docker engine.
#
# Promises:
# - start: an engine that answers already is used and left alone; otherwise one
#   is started and answers within 30 s, or its log's last lines say why not
# - stop: ends only the engine that this script started, with its containers;
#   images and volumes stay in $LAB_STATE
# - status: says which engine answers, and exits 1 when none does
# - the engine outlives the shell that started it
#
# Usage: engine.sh start|stop|status
# Environment: RINGWALL_LAB_ENGINE (bookworm, trixie or sid; default sid),
#   RINGWALL_LAB_STATE (default /var/lib/ringwall-lab), RINGWALL_LAB_RUN
set -euo pipefail
# shellcheck source=lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

socket=/var/run/docker.sock
pid_file=$LAB_RUN/dockerd.pid
log=$LAB_STATE/dockerd.log

answers() { timeout 5 docker version --format '{{.Server.Version}}' 2>/dev/null; }

# The process in the pid file, if it is still the engine of this lab.
our_pid() {
  local pid
  pid=$(cat "$pid_file" 2>/dev/null) || return 1
  tr '\0' ' ' <"/proc/$pid/cmdline" 2>/dev/null | grep -q -- "--pidfile $pid_file" || return 1
  printf '%s' "$pid"
}

# An engine limits resources through cgroups; a machine booted without an init
# system may have none mounted.
mount_cgroups() {
  if [ -e /sys/fs/cgroup/cgroup.controllers ] || [ -d /sys/fs/cgroup/memory ]; then return 0; fi
  mount -t cgroup2 none /sys/fs/cgroup || fail "no cgroup hierarchy is mounted at /sys/fs/cgroup, and none can be."
}

# As on every machine that systemd booted: what is mounted on the host while it
# runs can be passed on to a container that mounts the host's root (node-exporter).
share_root() {
  case $(findmnt -n -o PROPAGATION /) in
  *shared*) ;;
  *) mount --make-shared / ;;
  esac
}

start() {
  # As every engine does with version 2 of control groups.
  local suite=$LAB_ENGINE path=$PATH version flags=(--default-cgroupns-mode private)
  mkdir -p "$LAB_STATE" "$LAB_RUN"
  # Two callers at once must not start two engines. The engine must not
  # inherit the lock, or it would hold it for as long as it runs.
  exec 9>"$LAB_RUN/engine.lock"
  flock 9
  share_root
  if version=$(answers) && [ -n "$version" ]; then
    say "engine $version answers already"
    return 0
  fi
  mount_cgroups
  if [ "$suite" != bookworm ] && [ -e "$LAB_CACHE/trees/engine-$suite/.unusable" ]; then suite=bookworm; fi
  if [ "$suite" = bookworm ]; then
    path=/usr/sbin:/usr/bin:/sbin:/bin
  else
    [ -x "$LAB_CACHE/trees/engine-$suite/usr/sbin/dockerd" ] ||
      fail "the engine of $suite is not in the cache: run RINGWALL_LAB_ENGINE=$suite install.sh first."
    path=$LAB_CACHE/trees/engine-$suite/usr/sbin:$LAB_CACHE/trees/engine-$suite/usr/bin:/usr/sbin:/usr/bin:/sbin:/bin
  fi
  # Before 27, ip6tables was an experiment that had to be asked for.
  if [ "$suite" != sid ]; then flags+=(--experimental --ip6tables); fi
  rm -f "$pid_file"
  PATH=$path setsid dockerd \
    --host "unix://$socket" --pidfile "$pid_file" \
    --data-root "$LAB_STATE/docker-$suite" --exec-root "$LAB_RUN/docker" \
    "${flags[@]}" </dev/null >"$log" 2>&1 9>&- &
  local child=$! deadline=$((SECONDS + 30))
  while [ "$SECONDS" -lt "$deadline" ]; do
    if version=$(answers) && [ -n "$version" ]; then
      say "engine $version of $suite answers on $socket, log $log"
      return 0
    fi
    kill -0 "$child" 2>/dev/null || break
    sleep 0.2
  done
  tail -n 15 "$log" >&2
  fail "the engine did not answer within 30 s; its log's last lines stand above."
}

stop() {
  local pid deadline=$((SECONDS + 40))
  if ! pid=$(our_pid); then
    say "no engine of the lab is running"
    return 0
  fi
  kill "$pid"
  while [ -d "/proc/$pid" ]; do
    [ "$SECONDS" -lt "$deadline" ] || fail "the engine (pid $pid) did not end within 40 s."
    sleep 0.2
  done
  rm -f "$pid_file"
  say "engine stopped"
}

status() {
  local version
  if ! version=$(answers) || [ -z "$version" ]; then
    say "no engine answers"
    return 1
  fi
  if our_pid >/dev/null; then
    say "engine $version answers, started by the lab (pid $(our_pid), log $log)"
  else
    say "engine $version answers, not started by the lab"
  fi
}

need_root
case ${1:-} in
  start) start ;;
  stop) stop ;;
  status) status ;;
  *) fail "unknown command '${1:-}': expected start, stop or status." ;;
esac
