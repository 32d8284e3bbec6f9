#!/bin/sh
# Runs the executable scripts of /docker-entrypoint.d in name order, as
# upstream's does (which ships some there; the lab ships none), then the command.
set -e
for script in /docker-entrypoint.d/*.sh; do
  if [ -x "$script" ]; then "$script"; fi
done
exec "$@"
