import type { ServiceConfiguration } from "../../facts/configuration/service.ts";
import type { RepositoryFile } from "../../facts/subjects.ts";

type ServiceSoftware = ServiceConfiguration["software"];

const programs: Readonly<Record<ServiceSoftware, string>> = {
  alertmanager: "Alertmanager",
  "argo-cd": "Argo CD",
  authelia: "Authelia",
  cloudflared: "cloudflared",
  crowdsec: "CrowdSec",
  frpc: "frpc",
  frps: "frps",
  gitea: "Gitea",
  gluetun: "gluetun",
  grafana: "Grafana",
  "home-assistant": "Home Assistant",
  loki: "Loki",
  mosquitto: "Mosquitto",
  ngrok: "ngrok",
  "node-red": "Node-RED",
  "oauth2-proxy": "OAuth2 Proxy",
  prometheus: "Prometheus",
  qbittorrent: "qBittorrent",
  synapse: "Synapse",
  tailscale: "Tailscale",
  vault: "Vault",
  zigbee2mqtt: "Zigbee2MQTT",
};

/** The programs that `serviceConfigurationOf` knows. */
export const serviceSoftware = Object.keys(programs) as readonly ServiceSoftware[];

/** The configuration of a program that serves, watches or guards others, with its name; undefined for other files. */
export function serviceConfigurationOf(
  file: RepositoryFile,
): { readonly configuration: ServiceConfiguration; readonly program: string } | undefined {
  const { configuration } = file;
  if (configuration === undefined || !isService(configuration)) return undefined;
  return { configuration, program: programs[configuration.software] };
}

function isService(configuration: RepositoryFile["configuration"] & object): configuration is ServiceConfiguration {
  return configuration.software in programs;
}
