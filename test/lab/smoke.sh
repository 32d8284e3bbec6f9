#!/usr/bin/env bash
# Starts each image of the lab as a hardened stack would, and asks it something.
#
# Promises:
# - every container has a read-only root, no capability, no-new-privileges, a
#   user other than root, and limits on memory, CPU and processes; that the
#   kernel enforces this is read from the host, not believed
# - what it creates carries the label ringwall.lab=smoke and is removed at the
#   end, whatever happens; nothing else is touched
# - prints one line for each check, and exits 1 when one failed
#
# Usage: smoke.sh [NAME…]    NAME as in images.sh
# Needs: install.sh, engine.sh start, images.sh
set -euo pipefail
# shellcheck source=lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

label=ringwall.lab=smoke
network=ringwall-lab-smoke
passed=0
failed=0
work=$(mktemp -d)

clean() {
  local containers volumes
  containers=$(docker ps -aq --filter "label=$label")
  # shellcheck disable=SC2086 # ids, one word each
  if [ -n "$containers" ]; then docker rm -f -v $containers >/dev/null; fi
  volumes=$(docker volume ls -q --filter "label=$label")
  # shellcheck disable=SC2086
  if [ -n "$volumes" ]; then docker volume rm -f $volumes >/dev/null; fi
  if docker network ls -q --filter "label=$label" | grep -q .; then docker network rm "$network" >/dev/null; fi
}
trap 'clean; rm -rf "$work"' EXIT

# check TITLE COMMAND… - one line; the command's output only if it failed.
check() {
  local title=$1 output
  shift
  if output=$("$@" 2>&1); then
    passed=$((passed + 1))
    printf 'ok    %s\n' "$title"
  else
    failed=$((failed + 1))
    printf 'FAIL  %s\n%s\n' "$title" "$(printf '%s' "$output" | tail -n 8 | sed 's/^/      /')"
  fi
}

# within SECONDS COMMAND… - tries until it succeeds.
within() {
  local deadline=$((SECONDS + $1)) output
  shift
  until output=$("$@" 2>&1); do
    if [ "$SECONDS" -ge "$deadline" ]; then
      printf '%s\n' "$output"
      return 1
    fi
    sleep 0.2
  done
}

# hardened NAME UID [OPTION…] -- [COMMAND…] - the container smoke-NAME.
hardened() {
  local name=$1 uid=$2 options=()
  shift 2
  while [ "${1:---}" != -- ]; do
    options+=("$1")
    shift
  done
  if [ $# -gt 0 ]; then shift; fi
  docker run -d --name "smoke-$name" --label "$label" --network "$network" --network-alias "$name" \
    --read-only --cap-drop ALL --security-opt no-new-privileges --user "$uid:$uid" \
    --tmpfs /tmp:mode=1777 --memory 256m --memory-swap 256m --cpus 0.5 --pids-limit 100 \
    "${options[@]}" "ringwall-lab/$name:current" "$@" >/dev/null
}

# enforced NAME UID - the kernel's own record of the container's first process.
enforced() {
  local pid status uid
  pid=$(docker inspect --format '{{.State.Pid}}' "smoke-$1")
  [ "$pid" -gt 0 ] || { docker logs "smoke-$1"; return 1; }
  status=/proc/$pid/status
  uid=$(awk '/^Uid:/ { print $2 }' "$status")
  [ "$uid" = "$2" ] || { echo "runs as uid $uid"; return 1; }
  awk '/^Cap(Prm|Eff|Bnd|Amb):/ && $2 !~ /^0+$/ { print; bad = 1 } END { exit bad }' "$status"
  grep -q '^NoNewPrivs:[[:space:]]*1$' "$status" || { echo "new privileges are allowed"; return 1; }
  grep -q '^Seccomp:[[:space:]]*2$' "$status" || { echo "no seccomp filter"; return 1; }
  [[ $(awk '$2 == "/" { print $4 }' "/proc/$pid/mounts") =~ ^ro(,|$) ]] || { echo "the root is writable"; return 1; }
}

# ask NAME COMMAND… - inside the container, as a health check runs.
ask() {
  local name=$1
  shift
  docker exec "smoke-$name" "$@"
}

# answers NAME COMMAND… - its output has the word in $expected.
answers() { ask "$@" | grep -q -- "$expected"; }

smoke_busybox() {
  hardened busybox 1000 -- sleep 600
  check "busybox: hardened as asked" within 5 enforced busybox 1000
  check "busybox: has a shell, wget and nc" ask busybox sh -c 'command -v wget && command -v nc'
}

smoke_caddy_variant() {
  local name=$1
  printf ':8080 {\n\theader -Server\n\trespond "hello from caddy"\n}\n' >"$work/Caddyfile"
  chmod 644 "$work/Caddyfile"
  hardened "$name" 901 --tmpfs /data:uid=901,mode=700 --tmpfs /config:uid=901,mode=700 \
    -v "$work/Caddyfile:/etc/caddy/Caddyfile:ro" --
  check "$name: hardened as asked" within 5 enforced "$name" 901
  expected='hello from caddy'
  check "$name: answers" within 10 answers "$name" wget -q -O- http://127.0.0.1:8080/
  check "$name: its admin endpoint answers, as the health check asks it" \
    ask "$name" wget -q --spider http://127.0.0.1:2019/config/
}
smoke_caddy() { smoke_caddy_variant caddy; }

smoke_caddy-ratelimit() {
  smoke_caddy_variant caddy-ratelimit
  expected=http.handlers.rate_limit
  check "caddy-ratelimit: has the module" answers caddy-ratelimit caddy list-modules
}

# Upstream's file capability, and what follows from it.
smoke_caddy-filecap() {
  local output
  output=$(docker run --rm --label "$label" --user 901:901 --cap-drop ALL \
    ringwall-lab/caddy-filecap:current caddy version 2>&1) || true
  expected='operation not permitted'
  check "caddy-filecap: does not start with every capability dropped" grep -q "$expected" <<<"$output"
  expected=2.11
  check "caddy-filecap: starts with NET_BIND_SERVICE alone, no-new-privileges and another user" \
    docker run --rm --label "$label" --user 901:901 --read-only --cap-drop ALL --cap-add NET_BIND_SERVICE \
    --security-opt no-new-privileges ringwall-lab/caddy-filecap:current caddy version
}

smoke_prometheus() {
  hardened prometheus 65534 --tmpfs /prometheus:uid=65534,mode=700 --
  check "prometheus: hardened as asked" within 5 enforced prometheus 65534
  check "prometheus: is ready" within 20 ask prometheus wget -q --spider http://localhost:9090/-/ready
}

smoke_alertmanager() {
  hardened alertmanager 65534 --tmpfs /alertmanager:uid=65534,mode=700 -- \
    --config.file=/etc/alertmanager/alertmanager.yml --storage.path=/alertmanager --cluster.listen-address=
  check "alertmanager: hardened as asked" within 5 enforced alertmanager 65534
  check "alertmanager: is ready" within 20 ask alertmanager wget -q --spider http://localhost:9093/-/ready
}

smoke_node-exporter() {
  hardened node-exporter 65534 --
  check "node-exporter: hardened as asked" within 5 enforced node-exporter 65534
  expected=node_cpu_seconds_total
  check "node-exporter: measures" within 10 answers node-exporter wget -q -O- http://localhost:9100/metrics
}

smoke_postgres() {
  (umask 077 && openssl rand -hex 16 >"$work/password" && cp "$work/password" "$work/app-password")
  chown 999:999 "$work/password"
  chmod 755 "$work"
  cat >"$work/10-tables.sql" <<'SQL'
create table note (id int primary key, body text);
insert into note values (1, 'kept');
create role anonymous nologin;
grant usage on schema public to anonymous;
grant select on note to anonymous;
create role authenticator login noinherit password 'PASSWORD';
grant anonymous to authenticator;
create table secret (value text);
SQL
  sed -i "s/PASSWORD/$(cat "$work/app-password")/" "$work/10-tables.sql"
  chown 999:999 "$work/10-tables.sql"
  docker volume create --label "$label" smoke-postgres >/dev/null
  hardened postgres 999 --tmpfs /var/run/postgresql:uid=999,gid=999,mode=2775 \
    -v smoke-postgres:/var/lib/postgresql/data \
    -v "$work/password:/run/secrets/password:ro" -v "$work/10-tables.sql:/docker-entrypoint-initdb.d/10-tables.sql:ro" \
    -e POSTGRES_USER=owner -e POSTGRES_DB=notes -e POSTGRES_PASSWORD_FILE=/run/secrets/password --
  check "postgres: hardened as asked" within 5 enforced postgres 999
  check "postgres: is ready, over the network" within 30 ask postgres pg_isready -h 127.0.0.1 -U owner -d notes
  expected=kept
  check "postgres: the start script ran" answers postgres psql -U owner -d notes -Atc 'select body from note'
  expected=scram-sha-256
  check "postgres: passwords are kept as scram-sha-256" answers postgres psql -U owner -d notes -Atc 'show password_encryption'
  # shellcheck disable=SC2016 # the container's shell expands it
  check "postgres: the password opens it over the network" ask postgres sh -c \
    'PGPASSWORD=$(cat /run/secrets/password) psql -h postgres -U owner -d notes -Atc "select 1"'
  check "postgres: another password does not" ask postgres sh -c \
    '! PGPASSWORD=wrong psql -h postgres -U owner -d notes -Atc "select 1" 2>/dev/null'
  docker restart -t 20 smoke-postgres >/dev/null
  expected=kept
  check "postgres: rows are there after a restart" within 20 answers postgres psql -U owner -d notes -Atc 'select body from note'
}

smoke_postgrest() {
  if ! docker inspect smoke-postgres >/dev/null 2>&1; then smoke_postgres; fi
  printf 'postgres:5432:notes:authenticator:%s\n' "$(cat "$work/app-password")" >"$work/pgpass"
  chmod 600 "$work/pgpass"
  chown 1000:1000 "$work/pgpass"
  hardened postgrest 1000 -v "$work/pgpass:/run/secrets/pgpass:ro" -e PGPASSFILE=/run/secrets/pgpass \
    -e PGRST_DB_URI=postgresql://authenticator@postgres:5432/notes -e PGRST_DB_ANON_ROLE=anonymous \
    -e PGRST_DB_SCHEMAS=public -e PGRST_ADMIN_SERVER_PORT=3001 --
  check "postgrest: hardened as asked" within 5 enforced postgrest 1000
  check "postgrest: is ready, as the health check asks it" within 20 ask postgrest postgrest --ready
  if ! docker inspect smoke-busybox >/dev/null 2>&1; then smoke_busybox; fi
  expected='"body": "kept"'
  check "postgrest: gives rows to a neighbour" answers busybox wget -q -O- http://postgrest:3000/note?id=eq.1
  expected='401 Unauthorized'
  check "postgrest: gives no rows the role may not read" answers busybox sh -c \
    'wget -q -O- http://postgrest:3000/secret 2>&1 || true'
}

smoke_mosquitto() {
  mkdir -p "$work/mosquitto"
  printf 'listener 1883\nallow_anonymous false\npassword_file /mosquitto/config/passwords\n' >"$work/mosquitto/mosquitto.conf"
  : >"$work/mosquitto/passwords"
  chown -R 1883:1883 "$work/mosquitto"
  chmod 755 "$work"
  chmod 700 "$work/mosquitto" && chmod 600 "$work/mosquitto/passwords"
  docker run --rm --label "$label" --user 1883:1883 --entrypoint mosquitto_passwd \
    -v "$work/mosquitto:/mosquitto/config" ringwall-lab/mosquitto:current \
    -b /mosquitto/config/passwords sensor smoke-test-only
  hardened mosquitto 1883 --tmpfs /mosquitto/data:uid=1883,mode=700 -v "$work/mosquitto:/mosquitto/config:ro" --
  check "mosquitto: hardened as asked" within 5 enforced mosquitto 1883
  check "mosquitto: answers who has the password" within 10 ask mosquitto \
    mosquitto_sub -u sensor -P smoke-test-only -t "\$SYS/broker/version" -C 1 -W 3
  check "mosquitto: refuses who has not" ask mosquitto sh -c \
    "! mosquitto_sub -t '#' -C 1 -W 3 2>/dev/null"
}

smoke_nginx() {
  hardened nginx 101 --
  check "nginx: hardened as asked" within 5 enforced nginx 101
  expected='Welcome to nginx'
  check "nginx: answers" within 10 answers nginx wget -q -O- http://127.0.0.1:8080/
}

main() {
  local start name names=("$@")
  start=$(now)
  need_root
  docker info >/dev/null 2>&1 || fail "no engine answers: run engine.sh start."
  if [ "${#names[@]}" -eq 0 ]; then mapfile -t names < <("$LAB_DIR/images.sh" --names); fi
  clean
  docker network create --internal --label "$label" "$network" >/dev/null
  for name in "${names[@]}"; do
    if ! docker image inspect "ringwall-lab/$name:current" >/dev/null 2>&1; then
      [ "$name" = caddy-ratelimit ] || fail "the image ringwall-lab/$name is missing: run images.sh."
      printf 'skip  %s is offered, and absent\n' "$name"
      continue
    fi
    "smoke_$name"
  done
  printf '%s passed, %s failed, in %s s\n' "$passed" "$failed" "$(since "$start")"
  [ "$failed" -eq 0 ]
}

main "$@"
