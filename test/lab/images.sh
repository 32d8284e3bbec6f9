#!/usr/bin/env bash
# Makes the lab's images from Debian packages: no image registry is asked.
#
# Promises:
# - each image is ringwall-lab/NAME:VERSION, and ringwall-lab/NAME:current too
# - an image whose recipe and packages have not changed is left as it is
# - each runs as a user other than root, on a read-only root, without any
#   capability; what differs from upstream's image stands in stand-ins.json
# - prints name, size and seconds of each
#
# Usage: images.sh [NAME…]      all of them when none is named
#        images.sh --names      the names, offered ones included
# Needs: install.sh, engine.sh start
set -euo pipefail
# shellcheck source=lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

names=(busybox caddy caddy-filecap caddy-ratelimit prometheus alertmanager node-exporter postgres mosquitto nginx postgrest)
base=$LAB_CACHE/trees/base
programs=$LAB_CACHE/trees/programs
newer=$LAB_CACHE/trees/newer
files=$LAB_DIR/images

# ---- what recipes are made of. $root is the image's root folder in the making.

# skeleton USER UID - the folders and accounts that every image has.
skeleton() {
  local dir
  mkdir -p "$root"/usr/{bin,sbin,lib,lib64} "$root"/{etc,proc,sys,dev,run,var,root}
  for dir in bin sbin lib lib64; do ln -s "usr/$dir" "$root/$dir"; done
  ln -s ../run "$root/var/run"
  install -d -m 1777 "$root/tmp"
  printf 'root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/nonexistent:/bin/false\n' >"$root/etc/passwd"
  printf 'root:x:0:\nnogroup:x:65534:\n' >"$root/etc/group"
  if [ "$2" -ne 65534 ]; then
    printf '%s:x:%s:%s:%s:%s:/bin/sh\n' "$1" "$2" "$2" "$1" "${3:-/nonexistent}" >>"$root/etc/passwd"
    printf '%s:x:%s:\n' "$1" "$2" >>"$root/etc/group"
  fi
  printf 'hosts: files dns\npasswd: files\ngroup: files\n' >"$root/etc/nsswitch.conf"
}

# copy TREE PATH… - the paths, at the same place.
copy() {
  local tree=$1 path
  shift
  for path; do
    mkdir -p "$root/$(dirname "$path")"
    cp -a "$tree/$path" "$root/$path"
  done
}

# busybox_links - a shell, wget and the other small tools, where not there yet.
busybox_links() {
  local applet
  copy "$newer" usr/bin/busybox
  for applet in $("$newer/usr/bin/busybox" --list); do
    [ -e "$root/usr/bin/$applet" ] || [ -e "$root/usr/sbin/$applet" ] || ln -s busybox "$root/usr/bin/$applet"
  done
}

authorities() {
  mkdir -p "$root/etc/ssl/certs"
  cat "$base"/usr/share/ca-certificates/mozilla/*.crt >"$root/etc/ssl/certs/ca-certificates.crt"
}

# libraries TREE - every shared library that the programs in $root want, and the
# loader, all from the same packages.
libraries() {
  local tree=$1 search loader=$1/usr/lib64/ld-linux-x86-64.so.2 lib
  local libs=$root/usr/lib/x86_64-linux-gnu
  [ -e "$loader" ] || loader=$tree/usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2
  search=$tree/usr/lib/x86_64-linux-gnu:$tree/usr/lib/x86_64-linux-gnu/systemd
  mkdir -p "$libs"
  find "$root/usr" -type f \( -perm -u+x -o -name '*.so*' \) -print0 |
    while IFS= read -r -d '' lib; do
      case $(head -c 4 "$lib" | tr -d '\0') in $'\x7fELF') ;; *) continue ;; esac
      "$loader" --library-path "$search" --list "$lib" ||
        fail "a library that $lib wants is in none of the packages."
    done | sed -nE 's/.*=> (\/[^ ]+) .*/\1/p' | sort -u |
    while read -r lib; do
      case $lib in
        */ld-linux-x86-64.so.2) ;;
        "$tree"/*) cp -L "$lib" "$libs/" ;;
        *) fail "a library comes from outside the packages: $lib." ;;
      esac
    done
  cp -L "$loader" "$root/usr/lib64/ld-linux-x86-64.so.2"
}

# ---- recipes: each fills $root and says what the image's record holds.

recipe_busybox() {
  version=$(lab_version newer busybox-static)
  skeleton lab 1000
  busybox_links
  changes=('USER 1000:1000' 'CMD ["sh"]')
}

caddy_with() {
  skeleton caddy 901
  install -D -m 755 "$1" "$root/usr/bin/caddy"
  install -d "$root"/{etc/caddy,srv,data,config}
  install -d -m 1777 "$root"/{data,config}/caddy
  copy "$programs" usr/share/caddy/index.html
  printf ':80 {\n\troot * /usr/share/caddy\n\tfile_server\n}\n' >"$root/etc/caddy/Caddyfile"
  authorities
  if [ "${2:-}" != static ]; then libraries "$base"; fi
  busybox_links
  changes=(
    'USER 901:901' 'WORKDIR /srv' 'ENV XDG_CONFIG_HOME=/config' 'ENV XDG_DATA_HOME=/data'
    'EXPOSE 80 443 443/udp 2019'
    'CMD ["caddy","run","--config","/etc/caddy/Caddyfile","--adapter","caddyfile"]'
  )
}

recipe_caddy() {
  version=$(lab_version programs caddy)
  caddy_with "$programs/usr/bin/caddy"
}

# As upstream's image has it: the program carries a file capability, so that it
# does not start at all where NET_BIND_SERVICE is dropped.
recipe_caddy-filecap() {
  version=$(lab_version programs caddy)
  caddy_with "$programs/usr/bin/caddy"
  setcap cap_net_bind_service=+ep "$root/usr/bin/caddy"
}

recipe_caddy-ratelimit() {
  version=$(awk '$1 == "github.com/caddyserver/caddy/v2" { print substr($2, 2); exit }' "$files/caddy-ratelimit/go.mod")
  caddy_with "$(readlink -f "$LAB_CACHE/bin/caddy-ratelimit")" static
}

recipe_prometheus() {
  version=$(lab_version programs prometheus)
  skeleton nobody 65534
  copy "$programs" usr/bin/prometheus usr/bin/promtool usr/share/prometheus/web \
    etc/prometheus/prometheus.yml etc/prometheus/consoles etc/prometheus/console_libraries
  install -d -o 65534 -g 65534 "$root/prometheus"
  chown -R 65534:65534 "$root/etc/prometheus"
  authorities
  libraries "$base"
  busybox_links
  changes=(
    'USER 65534' 'WORKDIR /prometheus' 'EXPOSE 9090' 'VOLUME ["/prometheus"]' 'ENTRYPOINT ["/bin/prometheus"]'
    'CMD ["--config.file=/etc/prometheus/prometheus.yml","--storage.tsdb.path=/prometheus"]'
  )
}

recipe_alertmanager() {
  version=$(lab_version programs prometheus-alertmanager)
  skeleton nobody 65534
  copy "$programs" usr/bin/amtool usr/share/prometheus/alertmanager
  cp -a "$programs/usr/bin/prometheus-alertmanager" "$root/usr/bin/alertmanager"
  install -D -m 644 "$programs/etc/prometheus/alertmanager.yml" "$root/etc/alertmanager/alertmanager.yml"
  install -d -o 65534 -g 65534 "$root/alertmanager"
  chown -R 65534:65534 "$root/etc/alertmanager"
  authorities
  libraries "$base"
  busybox_links
  changes=(
    'USER 65534' 'WORKDIR /alertmanager' 'EXPOSE 9093' 'VOLUME ["/alertmanager"]' 'ENTRYPOINT ["/bin/alertmanager"]'
    'CMD ["--config.file=/etc/alertmanager/alertmanager.yml","--storage.path=/alertmanager"]'
  )
}

recipe_node-exporter() {
  version=$(lab_version programs prometheus-node-exporter)
  skeleton nobody 65534
  cp -a "$programs/usr/bin/prometheus-node-exporter" "$root/usr/bin/node_exporter"
  libraries "$base"
  busybox_links
  changes=('USER 65534' 'EXPOSE 9100' 'ENTRYPOINT ["/bin/node_exporter"]')
}

recipe_postgres() {
  local postgresql=usr/lib/postgresql/15 program
  version=$(lab_version base postgresql-15)
  skeleton postgres 999 /var/lib/postgresql
  copy "$base" "$postgresql" usr/share/postgresql/15 usr/share/zoneinfo usr/lib/locale/C.utf8 \
    usr/bin/bash usr/bin/setpriv
  # Compiling queries wants 100 MB of compiler; without it, the server interprets them.
  rm -rf "$root/$postgresql"/lib/{bitcode,llvmjit*,pgxs}
  for program in "$root/$postgresql"/bin/*; do
    ln -s "/$postgresql/bin/$(basename "$program")" "$root/usr/bin/$(basename "$program")"
  done
  sed -i "s/^#listen_addresses = .*/listen_addresses = '*'/; s/^#\?unix_socket_directories = .*/unix_socket_directories = '\/var\/run\/postgresql'/" \
    "$root/usr/share/postgresql/15/postgresql.conf.sample"
  install -D -m 755 "$files/postgres/docker-entrypoint.sh" "$root/usr/local/bin/docker-entrypoint.sh"
  install -d "$root/docker-entrypoint-initdb.d"
  install -d -o 999 -g 999 -m 3777 "$root/run/postgresql"
  install -d -o 999 -g 999 -m 1777 "$root/var/lib/postgresql" "$root/var/lib/postgresql/data"
  libraries "$base"
  busybox_links
  changes=(
    'USER 999:999' 'ENV PGDATA=/var/lib/postgresql/data' 'ENV LANG=C.UTF-8' 'ENV PG_MAJOR=15' "ENV PG_VERSION=$version"
    'ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/usr/lib/postgresql/15/bin'
    'EXPOSE 5432' 'VOLUME ["/var/lib/postgresql/data"]'
    'ENTRYPOINT ["docker-entrypoint.sh"]' 'CMD ["postgres"]'
  )
  stop_signal=SIGINT
}

recipe_mosquitto() {
  version=$(lab_version base mosquitto)
  skeleton mosquitto 1883 /var/empty
  copy "$base" usr/sbin/mosquitto usr/bin/mosquitto_{ctrl,passwd,pub,rr,sub}
  if [ -e "$base/usr/lib/x86_64-linux-gnu/mosquitto_dynamic_security.so" ]; then
    install -m 755 "$base/usr/lib/x86_64-linux-gnu/mosquitto_dynamic_security.so" "$root/usr/lib/"
  fi
  install -d -o 1883 -g 1883 "$root"/mosquitto/{,config,data,log}
  install -o 1883 -g 1883 -m 644 "$files/mosquitto/mosquitto.conf" "$root/mosquitto/config/mosquitto.conf"
  install -m 755 "$files/mosquitto/docker-entrypoint.sh" "$root/docker-entrypoint.sh"
  libraries "$base"
  busybox_links
  changes=(
    'USER 1883:1883' 'EXPOSE 1883' 'VOLUME ["/mosquitto/data","/mosquitto/log"]'
    'ENTRYPOINT ["/docker-entrypoint.sh"]' 'CMD ["/usr/sbin/mosquitto","-c","/mosquitto/config/mosquitto.conf"]'
  )
}

recipe_nginx() {
  version=$(lab_version newer nginx)
  skeleton nginx 101 /var/cache/nginx
  copy "$newer" usr/sbin/nginx etc/nginx/mime.types etc/nginx/fastcgi_params etc/nginx/uwsgi_params etc/nginx/scgi_params
  install -D -m 644 "$files/nginx/nginx.conf" "$root/etc/nginx/nginx.conf"
  install -D -m 644 "$files/nginx/default.conf" "$root/etc/nginx/conf.d/default.conf"
  install -D -m 755 "$files/nginx/docker-entrypoint.sh" "$root/docker-entrypoint.sh"
  install -d "$root"/{docker-entrypoint.d,usr/share/nginx/html,var/log/nginx}
  install -d -o 101 -g 0 -m 775 "$root/var/cache/nginx"
  printf '<!doctype html>\n<title>Welcome to nginx!</title>\n<h1>Welcome to nginx!</h1>\n' >"$root/usr/share/nginx/html/index.html"
  ln -s /dev/stdout "$root/var/log/nginx/access.log"
  ln -s /dev/stderr "$root/var/log/nginx/error.log"
  chown -R 101:0 "$root/etc/nginx"
  libraries "$newer"
  busybox_links
  changes=(
    'USER 101' 'EXPOSE 8080' 'ENTRYPOINT ["/docker-entrypoint.sh"]'
    'CMD ["nginx","-g","daemon off;"]'
  )
  stop_signal=SIGQUIT
}

# No shell and no wget: upstream's image holds the one program only.
recipe_postgrest() {
  version=0-stand-in
  skeleton postgrest 1000
  copy "$base" usr/bin/python3.11 usr/lib/python3.11 usr/lib/python3/dist-packages/psycopg2 usr/lib/locale/C.utf8
  ln -s python3.11 "$root/usr/bin/python3"
  install -m 755 "$files/postgrest/postgrest.py" "$root/usr/bin/postgrest"
  rm -rf "$root"/usr/lib/python3.11/{test,idlelib,lib2to3,pydoc_data,tkinter,ensurepip,distutils}
  libraries "$base"
  changes=('USER 1000' 'ENV LANG=C.UTF-8' 'ENV PYTHONDONTWRITEBYTECODE=1' 'EXPOSE 3000' 'CMD ["postgrest"]')
}

# ---- making them

# What an image's content depends on: its recipe, the files that takes, the
# versions of the packages.
recipe_hash() {
  local name=$1 dir=$files/${1%-filecap}
  {
    declare -f skeleton copy busybox_links authorities libraries caddy_with "recipe_$name"
    if [ -d "$dir" ]; then find "$dir" -type f -print0 | sort -z | xargs -0 cat; fi
    cat "$base/.packages" "$programs/.packages" "$newer/.packages"
    if [ "$name" = caddy-ratelimit ]; then readlink -f "$LAB_CACHE/bin/caddy-ratelimit"; fi
  } | sha256sum | cut -c1-16
}

size() { docker image inspect --format '{{.Size}}' "$1" | awk '{ printf "%.0f MB", $1 / 1e6 }'; }

make() {
  local name=$1 hash start tag arguments=() change root version changes=() stop_signal=
  start=$(now)
  hash=$(recipe_hash "$name")
  tag=$(docker image ls --filter "label=ringwall.lab.recipe=$name-$hash" --format '{{.Repository}}:{{.Tag}}' |
    grep -v ':current$' | grep -v "^$LAB_REGISTRY" | head -n 1) || true
  if [ -n "$tag" ]; then
    printf '%-48s %8s  %5s s  as it was\n' "$tag" "$(size "$tag")" "$(since "$start")"
    return 0
  fi
  work=$(mktemp -d "$LAB_CACHE/build.XXXXXX")
  root=$work/root
  mkdir "$root"
  umask 022
  "recipe_$name"
  tag=ringwall-lab/$name:$version
  changes+=("LABEL ringwall.lab.recipe=$name-$hash" "LABEL org.opencontainers.image.version=$version")
  for change in "${changes[@]}"; do arguments+=(--change "$change"); done
  tar --numeric-owner --xattrs --xattrs-include=security.capability -C "$root" -c . |
    docker import "${arguments[@]}" - "$tag" >/dev/null
  # The one setting that `import` of engine 20.10 does not take.
  if [ -n "$stop_signal" ]; then
    printf 'FROM %s\nSTOPSIGNAL %s\n' "$tag" "$stop_signal" |
      DOCKER_BUILDKIT=0 quietly docker build --tag "$tag" - || fail "the image $tag cannot be given its stop signal."
  fi
  docker tag "$tag" "ringwall-lab/$name:current"
  rm -rf "$work"
  printf '%-48s %8s  %5s s\n' "$tag" "$(size "$tag")" "$(since "$start")"
}

main() {
  local name wanted=("$@")
  if [ "${1:-}" = --names ]; then printf '%s\n' "${names[@]}"; return; fi
  need_root
  docker info >/dev/null 2>&1 || fail "no engine answers: run engine.sh start."
  for name in "${wanted[@]}"; do
    [[ " ${names[*]} " == *" $name "* ]] || fail "unknown image '$name': expected one of ${names[*]}."
  done
  if [ "${#wanted[@]}" -eq 0 ]; then wanted=("${names[@]}"); fi
  lab_programs
  lab_base
  lab_newer
  mkdir -p "$LAB_RUN"
  exec 9>"$LAB_RUN/images.lock"
  flock 9
  work=
  trap 'if [ -n "$work" ]; then rm -rf "$work"; fi' EXIT
  for name in "${wanted[@]}"; do
    if [ "$name" = caddy-ratelimit ] && [ ! -x "$LAB_CACHE/bin/caddy-ratelimit" ]; then
      printf '%-48s absent: offered, and not built by install.sh\n' "ringwall-lab/$name"
      continue
    fi
    make "$name"
  done
  # What a newer recipe replaced, unless a container still runs from it.
  docker image prune --force --filter label=ringwall.lab.recipe >/dev/null
}

main "$@"
