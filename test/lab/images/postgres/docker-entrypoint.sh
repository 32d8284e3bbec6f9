#!/bin/bash
# The lab's entrypoint for PostgreSQL: what the stacks use of the contract of
# docker.io/library/postgres, written anew.
#
# - started as root, it takes over the data and socket folders and steps down
# - on an empty $PGDATA it makes a cluster for POSTGRES_USER with the password
#   of POSTGRES_PASSWORD or POSTGRES_PASSWORD_FILE, the database POSTGRES_DB,
#   and password login over the network, then runs /docker-entrypoint-initdb.d
#   in name order: *.sh, *.sql, *.sql.gz
# - otherwise it runs the command as it is
set -Eeuo pipefail

die() {
  echo "entrypoint: $*" >&2
  exit 1
}

# setting NAME - the value of NAME, or of the file that NAME_FILE names.
setting() {
  local file_name=${1}_FILE
  local value=${!1:-} file=${!file_name:-}
  if [ -n "$value" ] && [ -n "$file" ]; then die "both $1 and $file_name are set; set one."; fi
  if [ -n "$file" ]; then
    [ -r "$file" ] || die "$file_name names $file, which uid $(id -u) cannot read."
    value=$(<"$file")
  fi
  printf '%s' "$value"
}

own_folders() {
  mkdir -p "$PGDATA" /var/run/postgresql
  find "$PGDATA" /var/run/postgresql ! -user postgres -exec chown postgres:postgres {} +
  chmod 700 "$PGDATA"
}

query() { psql --no-psqlrc --no-password --quiet -v ON_ERROR_STOP=1 --host=/var/run/postgresql --username="$user" "$@"; }

run_script() {
  case $1 in
    *.sh) if [ -x "$1" ]; then "$1"; else
      # shellcheck disable=SC1090
      . "$1"
    fi ;;
    *.sql) query --dbname="$database" --file="$1" ;;
    *.sql.gz) gunzip -c "$1" | query --dbname="$database" ;;
    *) echo "entrypoint: ignored $1"; return ;;
  esac
  echo "entrypoint: ran $1"
}

make_cluster() {
  local method=${POSTGRES_HOST_AUTH_METHOD:-scram-sha-256} script
  if [ -z "$password" ] && [ "$method" != trust ]; then
    die "an empty database wants POSTGRES_PASSWORD_FILE (or POSTGRES_PASSWORD)."
  fi
  # As upstream: initdb trusts whoever is inside the container (socket, 127.0.0.1)
  # unless POSTGRES_INITDB_ARGS says --auth-host and --auth-local.
  local options=(--username="$user" --pgdata="$PGDATA")
  # shellcheck disable=SC2206 # the variable holds several options, split as upstream does
  options+=(${POSTGRES_INITDB_ARGS:-})
  if [ -n "$password" ]; then
    initdb "${options[@]}" --pwfile=<(printf '%s\n' "$password")
  else
    initdb "${options[@]}"
  fi
  printf '\nhost all all all %s\n' "$method" >>"$PGDATA/pg_hba.conf"

  # While scripts run, nobody but they can reach the server.
  pg_ctl --pgdata="$PGDATA" -o "-c listen_addresses=''" --wait start
  if [ "$database" != postgres ]; then
    query --dbname=postgres --set=name="$database" <<<'create database :"name";'
  fi
  export POSTGRES_USER=$user POSTGRES_DB=$database PGPASSWORD=$password
  shopt -s nullglob
  for script in /docker-entrypoint-initdb.d/*; do run_script "$script"; done
  unset PGPASSWORD
  pg_ctl --pgdata="$PGDATA" --mode=fast --wait stop
}

case ${1:-} in -*) set -- postgres "$@" ;; esac

if [ "${1:-}" = postgres ]; then
  if [ "$(id -u)" = 0 ]; then
    own_folders
    exec setpriv --reuid=postgres --regid=postgres --init-groups "$0" "$@"
  fi
  if [ ! -s "$PGDATA/PG_VERSION" ]; then
    user=$(setting POSTGRES_USER)
    user=${user:-postgres}
    database=$(setting POSTGRES_DB)
    database=${database:-$user}
    password=$(setting POSTGRES_PASSWORD)
    mkdir -p "$PGDATA"
    chmod 700 "$PGDATA" 2>/dev/null || true
    make_cluster
    unset password
    echo "entrypoint: PostgreSQL init process complete; ready for start up."
  fi
  unset POSTGRES_PASSWORD
fi
exec "$@"
