#!/bin/sh
# As upstream's: started as root, the folders become the broker's; then the
# command runs. The broker itself steps down to the user mosquitto.
set -e
if [ "$(id -u)" = 0 ]; then chown -R mosquitto:mosquitto /mosquitto 2>/dev/null || true; fi
exec "$@"
