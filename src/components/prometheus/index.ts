import { defineComponent, noSettings } from "../define-component.ts";
import { prometheusConfig, rulesConfig, sourcesOf } from "./config.ts";
import { unwatched } from "./rules.ts";

const gigabyte = 1024 ** 3;

/** Reads the metrics of every service that it shares a zone with, and judges the alert rules. */
export const prometheus = defineComponent({
  name: "prometheus",
  purpose: "Metrics and alert rules",
  roles: ["monitoring"],
  image: {
    repository: "docker.io/prom/prometheus",
    tag: "v3.5.3",
    uid: 65534,
    gid: 65534,
    writable: ["/tmp"],
    health: ["wget", "-q", "-O", "/dev/null", "http://127.0.0.1:9090/-/ready"],
    capabilities: [],
    capabilitiesReason: "",
    citation:
      "prometheus/prometheus Dockerfile at b5c61f3e9a36ed399da703f2ca4c9771db78c328 (USER nobody on prometheus/busybox, whose wget the health command is; nobody is 65534)",
  },
  ports: [{ name: "http", port: 9090, protocol: "tcp", audience: "declared" }],
  scrape: { port: 9090, path: "/metrics" },
  settings: noSettings,
  resources: { cpus: 2, memoryBytes: 2 * gigabyte, pids: 256 },
  volumes: [{ name: "data", target: "/prometheus", purpose: "The time series" }],
  secrets: [],
  hostMounts: [],
  exceptions: [],
  // Without --web.enable-lifecycle and the admin API: nobody who reaches the port can stop it or delete series.
  command: (_settings, _service, stack) => [
    "--config.file=/etc/prometheus/prometheus.yml",
    "--storage.tsdb.path=/prometheus",
    `--storage.tsdb.retention.time=${stack.monitoring.retentionDays}d`,
  ],
  config: (_settings, service, stack) => [
    { target: "/etc/prometheus/prometheus.yml", content: prometheusConfig(service, stack) },
    { target: "/etc/prometheus/rules.yml", content: rulesConfig(service, stack) },
  ],
  gaps: (_settings, service, stack) => unwatched(sourcesOf(service, stack)),
});
