import type { ComponentSecret } from "../../contracts/component.ts";
import { defineComponent } from "../define-component.ts";
import { aclConfig, aclFile, certificateFile, mosquittoConfig, passwordFile } from "./config.ts";
import { listensPlain, type MosquittoSettings, mosquittoSettings } from "./settings.ts";

const megabyte = 1024 ** 2;

/** MQTT broker: a password for each user, topics for each user, TLS towards outside. */
export const mosquitto = defineComponent({
  name: "mosquitto",
  purpose: "MQTT broker",
  roles: ["broker"],
  image: {
    repository: "docker.io/library/eclipse-mosquitto",
    tag: "2.0.22",
    uid: 1883,
    gid: 1883,
    writable: ["/tmp", "/mosquitto/log"],
    // Whether 1883 (075B) or 8883 (22B3) listens, without a connection that the broker would log every time.
    health: ["grep", "-qE", ":(075B|22B3) [0-9A-F]+:0000 0A", "/proc/net/tcp", "/proc/net/tcp6"],
    capabilities: [],
    capabilitiesReason: "",
    citation: "eclipse-mosquitto/mosquitto docker/2.0-openssl/Dockerfile at acccd2277f77785c82189afa21bb2fe5178e8337",
  },
  ports: [
    { name: "mqtt", port: 1883, protocol: "tcp", audience: "declared" },
    { name: "mqtts", port: 8883, protocol: "tcp", audience: "declared" },
  ],
  settings: mosquittoSettings,
  resources: { cpus: 1, memoryBytes: 256 * megabyte, pids: 64 },
  volumes: [{ name: "data", target: "/mosquitto/data", purpose: "Retained messages and queues" }],
  secrets: [],
  hostMounts: [],
  exceptions: [],
  secretsOf: (settings) => [passwords(settings), ...certificate(settings)],
  accounts: (settings) => Object.entries(settings.users).map(([account, { secret }]) => ({ account, secret })),
  // It reads its password file again, and ends only connections whose user is not in it any more (mosquitto(8), SIGHUP).
  reload: { signal: "HUP" },
  opens: (port, settings) => (port === "mqtts" ? settings.certificate !== undefined : listensPlain(settings)),
  command: () => ["/usr/sbin/mosquitto", "-c", "/mosquitto/config/mosquitto.conf"],
  config: (settings, _service, stack) => [
    { target: "/mosquitto/config/mosquitto.conf", content: mosquittoConfig(settings, stack) },
    { target: aclFile, content: aclConfig(settings) },
  ],
  gaps: (settings, service) => [
    ...(Object.keys(settings.users).length === 0
      ? ["Nobody can connect to the MQTT broker: `settings.users` names no one."]
      : []),
    ...(listensPlain(settings)
      ? ["MQTT inside the stack is not encrypted: only services that share a network with the broker can see it."]
      : []),
    ...(listensPlain(settings) && service.ports.some((port) => port.port === 1883 && port.published !== undefined)
      ? ["MQTT without TLS is published: passwords cross the network in the clear."]
      : []),
  ],
});

function passwords(settings: MosquittoSettings): ComponentSecret {
  const entries = Object.entries(settings.users).map(([user, { secret }]) => ({ user, secret }));
  return {
    name: "passwords",
    kind: "external",
    derived: { format: "mosquitto-passwd", entries: entries.sort((a, b) => (a.user < b.user ? -1 : 1)) },
    target: passwordFile,
    purpose: "who may connect, passwords hashed",
  };
}

function certificate(settings: MosquittoSettings): ComponentSecret[] {
  if (settings.certificate === undefined) return [];
  return [
    {
      name: settings.certificate,
      shared: true,
      kind: "tls-self-signed",
      target: certificateFile,
      purpose: "certificate and key of the TLS listener",
    },
  ];
}
