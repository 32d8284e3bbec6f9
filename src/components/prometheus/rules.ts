/**
 * The alert rules. A rule stands in a stack only when something of the stack gives it its metric: a rule that can never
 * fire is a false comfort, and what is missing is said in `plan` instead.
 *
 * Metric names: node_exporter's `meminfo` and `filesystem` collectors, cAdvisor's `container_*`, Caddy's
 * `caddy_http_request_duration_seconds`.
 */

/** What gives metrics in a stack. */
export interface Sources {
  readonly anything: boolean;
  readonly nodeExporter: boolean;
  readonly cadvisor: boolean;
  readonly caddy: boolean;
}

export interface Rule {
  readonly alert: string;
  readonly expression: string;
  /** How long it must hold. */
  readonly for: string;
  readonly severity: "critical" | "warning";
  readonly summary: string;
  readonly needs: keyof Sources;
}

/** File systems that have no disk of their own. */
const notDisks = "tmpfs|ramfs|overlay|squashfs|iso9660|fuse.*";

export const rules: readonly Rule[] = [
  {
    alert: "ServiceDown",
    expression: "up == 0",
    for: "2m",
    severity: "critical",
    summary: "{{ $labels.job }} has not answered for two minutes",
    needs: "anything",
  },
  {
    alert: "CriticalMemoryUsage",
    expression: "100 * (1 - node_memory_MemAvailable_bytes / node_memory_MemTotal_bytes) > 95",
    for: "5m",
    severity: "critical",
    summary: '{{ printf "%.0f" $value }} % of the host\'s memory is in use',
    needs: "nodeExporter",
  },
  {
    alert: "ContainerCriticalMemoryUsage",
    // A container without a limit has 0 here; that is no limit of zero, so it is left out rather than divided by.
    expression:
      '100 * container_memory_working_set_bytes{name!=""} / (container_spec_memory_limit_bytes{name!=""} > 0) > 95',
    for: "5m",
    severity: "critical",
    summary: '{{ $labels.name }} uses {{ printf "%.0f" $value }} % of its memory limit',
    needs: "cadvisor",
  },
  {
    alert: "DiskSpaceCritical",
    expression: `100 * node_filesystem_avail_bytes{fstype!~"${notDisks}"} / (node_filesystem_size_bytes{fstype!~"${notDisks}"} > 0) < 10 and node_filesystem_readonly{fstype!~"${notDisks}"} == 0`,
    for: "5m",
    severity: "critical",
    summary: '{{ $labels.mountpoint }} has {{ printf "%.0f" $value }} % left',
    needs: "nodeExporter",
  },
  {
    alert: "LoginFailures",
    expression: 'sum by (host) (increase(caddy_http_request_duration_seconds_count{code=~"401|403"}[5m])) > 50',
    for: "1m",
    severity: "warning",
    summary: '{{ $labels.host }} refused {{ printf "%.0f" $value }} requests in five minutes',
    needs: "caddy",
  },
  {
    alert: "SuspiciousActivity",
    expression: 'sum by (host) (increase(caddy_http_request_duration_seconds_count{code="429"}[5m])) > 100',
    for: "1m",
    severity: "warning",
    summary: '{{ $labels.host }} turned away {{ printf "%.0f" $value }} requests over the rate limit in five minutes',
    needs: "caddy",
  },
];

/** Rules that a stack with these sources can have. */
export function rulesFor(sources: Sources): readonly Rule[] {
  return rules.filter((rule) => sources[rule.needs]);
}

/** What is not watched, and why, as sentences. */
export function unwatched(sources: Sources): readonly string[] {
  return [
    ...(sources.nodeExporter
      ? []
      : ["The host's memory and disks are not watched: the stack has no node-exporter that Prometheus reads."]),
    ...(sources.cadvisor
      ? []
      : ["The memory of single services is not watched: nothing in the stack gives cAdvisor's metrics."]),
    ...(sources.caddy ? [] : ["Refused logins are not watched: Prometheus reads no Caddy."]),
    "No alert tells of certificates that run out or of rotations that are overdue: no component here gives a metric for them yet.",
  ];
}
