import { stringify } from "yaml";
import type { ResolvedService, ResolvedStack } from "../../contracts/resolved.ts";
import { rulesFor, type Sources } from "./rules.ts";

const header = (stack: ResolvedStack): string =>
  `# Made by Ringwall from the stack "${stack.name}". Changes here are lost.\n`;

/** `prometheus.yml`: one job for each service that this Prometheus may reach for its metrics, and itself. */
export function prometheusConfig(service: ResolvedService, stack: ResolvedStack): string {
  const interval = `${stack.monitoring.scrapeIntervalSeconds}s`;
  const managers = alertmanagersOf(service, stack).map((name) => `${name}:9093`);
  const jobs = targetsOf(service, stack).map((target) => ({
    job_name: target.name,
    ...(target.scrape?.path === "/metrics" ? {} : { metrics_path: target.scrape?.path }),
    static_configs: [{ targets: [`${target.name}:${target.scrape?.port}`] }],
  }));
  return (
    header(stack) +
    yaml({
      global: { scrape_interval: interval, evaluation_interval: interval, external_labels: { stack: stack.name } },
      rule_files: ["/etc/prometheus/rules.yml"],
      ...(managers.length === 0 ? {} : { alerting: { alertmanagers: [{ static_configs: [{ targets: managers }] }] } }),
      scrape_configs: [{ job_name: service.name, static_configs: [{ targets: ["127.0.0.1:9090"] }] }, ...jobs],
    })
  );
}

/** `rules.yml`: the alerts for which the stack has metrics. */
export function rulesConfig(service: ResolvedService, stack: ResolvedStack): string {
  return header(stack) + formatRules(sourcesOf(service, stack));
}

/** A rule file for the given sources. */
export function formatRules(sources: Sources): string {
  return yaml({
    groups: [
      {
        name: "ringwall",
        rules: rulesFor(sources).map((rule) => ({
          alert: rule.alert,
          expr: rule.expression,
          for: rule.for,
          labels: { severity: rule.severity },
          annotations: { summary: rule.summary },
        })),
      },
    ],
  });
}

/** What of the stack this Prometheus reads. */
export function sourcesOf(service: ResolvedService, stack: ResolvedStack): Sources {
  const targets = targetsOf(service, stack);
  return {
    anything: true,
    nodeExporter: targets.some((target) => target.component === "node-exporter"),
    cadvisor: targets.some((target) => target.image.repository.endsWith("/cadvisor")),
    caddy: targets.some((target) => target.component === "caddy"),
  };
}

/** Services whose metrics it may reach, by name. */
function targetsOf(service: ResolvedService, stack: ResolvedStack): ResolvedService[] {
  return stack.services
    .filter(
      (other) =>
        other.scrape !== undefined && other.name !== service.name && reaches(service, other.name, other.scrape.port),
    )
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

function alertmanagersOf(service: ResolvedService, stack: ResolvedStack): string[] {
  return stack.services
    .filter((other) => other.component === "alertmanager" && reaches(service, other.name, 9093))
    .map((other) => other.name)
    .sort();
}

function reaches(service: ResolvedService, target: string, port: number): boolean {
  return service.talksTo.some((talk) => talk.service === target && talk.port === port);
}

function yaml(value: unknown): string {
  return stringify(value, { lineWidth: 0, aliasDuplicateObjects: false });
}
