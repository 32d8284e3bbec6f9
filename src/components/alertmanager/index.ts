import { defineComponent, noSettings } from "../define-component.ts";
import { alertmanagerConfig, secretPath } from "./config.ts";

const megabyte = 1024 ** 2;

/** Takes alerts from Prometheus and tells the stack's receivers. */
export const alertmanager = defineComponent({
  name: "alertmanager",
  purpose: "Delivery of alerts",
  roles: ["monitoring"],
  image: {
    repository: "docker.io/prom/alertmanager",
    tag: "v0.33.1",
    uid: 65534,
    gid: 65534,
    writable: ["/tmp"],
    health: ["wget", "-q", "-O", "/dev/null", "http://127.0.0.1:9093/-/ready"],
    capabilities: [],
    capabilitiesReason: "",
    citation:
      "prometheus/alertmanager Dockerfile at f297445b88169a3e5163bdca1e241b23d25d144c (USER nobody on prom/busybox, whose wget the health command is; nobody is 65534)",
  },
  ports: [{ name: "http", port: 9093, protocol: "tcp", audience: "declared" }],
  scrape: { port: 9093, path: "/metrics" },
  settings: noSettings,
  resources: { cpus: 1, memoryBytes: 256 * megabyte, pids: 128 },
  volumes: [{ name: "data", target: "/alertmanager", purpose: "Silences and what was sent" }],
  secrets: [],
  hostMounts: [],
  exceptions: [],
  secretsOf: (_settings, alertSecrets) =>
    alertSecrets.map((name) => ({
      name,
      shared: true,
      kind: "external",
      target: secretPath(name),
      purpose: "an address that alerts go to",
    })),
  command: () => [
    "--config.file=/etc/alertmanager/alertmanager.yml",
    "--storage.path=/alertmanager",
    // Alone: no port for a cluster that nobody is in.
    "--cluster.listen-address=",
  ],
  config: (_settings, _service, stack) => [
    { target: "/etc/alertmanager/alertmanager.yml", content: alertmanagerConfig(stack) },
  ],
  gaps: (_settings, service, stack) => {
    const { alertReceivers } = stack.monitoring;
    if (alertReceivers.length === 0)
      return ["Alerts go nowhere: the stack names no receiver under `monitoring.alerts`."];
    return service.outbound
      ? []
      : ["Alerts leave the stack only if their receiver is inside: set `outbound: true` on Alertmanager otherwise."];
  },
});
