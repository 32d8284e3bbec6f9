import type { OpenDoorway, ServiceConfiguration } from "../../facts/configuration/service.ts";
import { knownValue } from "../../facts/fact.ts";
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

/** The ports that a finding of a program's file is about, or of one door in it; undefined where they are not known. */
export function portsOf(
  configuration: ServiceConfiguration,
  door: Pick<OpenDoorway, "ports"> = {},
): readonly number[] | undefined {
  const ports = door.ports ?? configuration.ports;
  return ports === undefined ? undefined : knownValue(ports);
}

/** The same for what is added to a judgement. */
export function aboutPorts(...asked: Parameters<typeof portsOf>): { readonly ports?: readonly number[] } {
  const ports = portsOf(...asked);
  return ports === undefined ? {} : { ports };
}

function isService(configuration: RepositoryFile["configuration"] & object): configuration is ServiceConfiguration {
  return configuration.software in programs;
}
