import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { parse, stringify } from "yaml";
import { fileAt, labProgram, serviceIn, stackFrom } from "../testing/stack.ts";
import { formatRules } from "./config.ts";
import { type Rule, rules, rulesFor, unwatched } from "./rules.ts";

const promtool = labProgram("promtool", process.env);
const folder = mkdtempSync(join(tmpdir(), "ringwall-prometheus-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const everything = { anything: true, nodeExporter: true, cadvisor: true, caddy: true };
const text = `name: shop
zones: { a: { purpose: x, outside: ingress }, b: { purpose: y } }
services:
  caddy: { use: caddy, zone: a }
  prometheus: { use: prometheus, zone: a }
  alerts: { use: alertmanager, zone: a }
  node: { use: node-exporter, zone: b }
  api: { image: "x:1", zone: a, ports: { http: 3000 }, scrape: { port: 3000, path: /stats } }
  web: { image: "x:1", zone: a, ports: { http: 8080 } }
`;

interface Scrape {
  readonly job_name: string;
  readonly metrics_path?: string;
  readonly static_configs: readonly { readonly targets: readonly string[] }[];
}

describe("prometheus.yml", () => {
  const stack = stackFrom(text);
  const config = fileAt(stack, "prometheus", "/etc/prometheus/prometheus.yml").content;

  // covers: M1 | compose | real: promtool 3.5
  it("reads every service that has metrics and shares a zone with it, and nobody else", () => {
    const jobs: Scrape[] = parse(config).scrape_configs;
    expect(jobs.map((job) => [job.job_name, job.metrics_path, job.static_configs[0]?.targets[0]])).toEqual([
      ["prometheus", undefined, "127.0.0.1:9090"],
      ["alerts", undefined, "alerts:9093"],
      ["api", "/stats", "api:3000"],
      ["caddy", undefined, "caddy:9180"],
    ]);
    expect(stack.todos.join()).toContain('"prometheus" shares no zone with "node"');
  });

  it("tells the Alertmanager that it reaches", () => {
    expect(parse(config).alerting.alertmanagers[0].static_configs[0].targets).toEqual(["alerts:9093"]);
  });

  it("opens neither its lifecycle nor its administration", () => {
    const command = serviceIn(stack, "prometheus").command?.join(" ");
    expect(command).toContain("--storage.tsdb.retention.time=30d");
    expect(command).not.toMatch(/enable-lifecycle|enable-admin-api/);
  });

  it.skipIf(promtool === undefined)("is valid to promtool (needs the lab's promtool)", () => {
    const rulesFile = join(folder, "rules.yml");
    writeFileSync(rulesFile, fileAt(stack, "prometheus", "/etc/prometheus/rules.yml").content);
    const path = join(folder, "prometheus.yml");
    writeFileSync(path, config.replace("/etc/prometheus/rules.yml", rulesFile));
    expect(execFileSync(promtool ?? "", ["check", "config", path], { encoding: "utf8" })).toContain("SUCCESS");
  });
});

describe("the alert rules", () => {
  it("stand in a stack only where something gives their metric, and what is missing is said", () => {
    const alone = { anything: true, nodeExporter: false, cadvisor: false, caddy: false };
    expect(rulesFor(alone).map((rule) => rule.alert)).toEqual(["ServiceDown"]);
    expect(unwatched(alone)).toHaveLength(4);
    expect(rulesFor(everything)).toEqual(rules);
    expect(unwatched(everything)).toEqual([expect.stringContaining("certificates that run out")]);
  });

  it("wait as long as they should", () => {
    const waits = Object.fromEntries(rules.map((rule) => [rule.alert, rule.for]));
    expect(waits).toMatchObject({
      ServiceDown: "2m",
      CriticalMemoryUsage: "5m",
      ContainerCriticalMemoryUsage: "5m",
      DiskSpaceCritical: "5m",
    });
  });

  // covers: M2 | compose | real: promtool 3.5
  it.skipIf(promtool === undefined)(
    "fire when they should and stay silent when they should not (needs the lab's promtool)",
    () => {
      writeFileSync(join(folder, "rules.yml"), formatRules(everything));
      writeFileSync(
        join(folder, "tests.yml"),
        stringify({ rule_files: ["rules.yml"], evaluation_interval: "30s", tests: cases.map(toTest) }),
      );
      const output = execFileSync(promtool ?? "", ["test", "rules", join(folder, "tests.yml")], { encoding: "utf8" });
      expect(output).toContain("SUCCESS");
    },
  );

  it.skipIf(promtool === undefined)(
    "are caught by those tests when a threshold is wrong (needs the lab's promtool)",
    () => {
      for (const [right, wrong] of [
        ["== 0", "== 1"],
        ["> 95", "> 99"],
        ["< 10", "< 5"],
        ["> 0)", ">= 0)"],
      ] as const) {
        writeFileSync(join(folder, "rules.yml"), formatRules(everything).replaceAll(right, wrong));
        expect(
          () => execFileSync(promtool ?? "", ["test", "rules", join(folder, "tests.yml")], { stdio: "pipe" }),
          right,
        ).toThrow();
      }
    },
  );
});

interface Case {
  readonly series: Readonly<Record<string, string>>;
  /** Which alert is asked for, when, and the labels of those that fire. */
  readonly asked: readonly {
    readonly at: string;
    readonly alert: string;
    readonly fires: readonly Record<string, string>[];
  }[];
}

const disk = (size: string, free: string, extra = ""): Record<string, string> => ({
  [`node_filesystem_size_bytes{mountpoint="/",fstype="ext4"${extra}}`]: `${size}+0x60`,
  [`node_filesystem_avail_bytes{mountpoint="/",fstype="ext4"${extra}}`]: `${free}+0x60`,
  [`node_filesystem_readonly{mountpoint="/",fstype="ext4"${extra}}`]: "0+0x60",
});

const cases: readonly Case[] = [
  {
    series: { 'up{job="api"}': "1 0 0 0 0 0 0 0 0 0 0 0", 'up{job="web"}': "1+0x60" },
    asked: [
      { at: "1m30s", alert: "ServiceDown", fires: [] },
      { at: "3m", alert: "ServiceDown", fires: [{ job: "api" }] },
    ],
  },
  {
    series: { node_memory_MemTotal_bytes: "1000+0x60", node_memory_MemAvailable_bytes: "40+0x60" },
    asked: [
      { at: "4m", alert: "CriticalMemoryUsage", fires: [] },
      { at: "6m", alert: "CriticalMemoryUsage", fires: [{}] },
    ],
  },
  {
    series: { node_memory_MemTotal_bytes: "1000+0x60", node_memory_MemAvailable_bytes: "51+0x60" },
    asked: [{ at: "10m", alert: "CriticalMemoryUsage", fires: [] }],
  },
  {
    series: {
      'container_memory_working_set_bytes{name="full"}': "97+0x60",
      'container_spec_memory_limit_bytes{name="full"}': "100+0x60",
      'container_memory_working_set_bytes{name="unlimited"}': "97+0x60",
      'container_spec_memory_limit_bytes{name="unlimited"}': "0+0x60",
    },
    asked: [{ at: "10m", alert: "ContainerCriticalMemoryUsage", fires: [{ name: "full" }] }],
  },
  {
    series: {
      ...disk("1000", "80"),
      'node_filesystem_size_bytes{mountpoint="/run",fstype="tmpfs"}': "100+0x60",
      'node_filesystem_avail_bytes{mountpoint="/run",fstype="tmpfs"}': "1+0x60",
      'node_filesystem_readonly{mountpoint="/run",fstype="tmpfs"}': "0+0x60",
    },
    asked: [
      { at: "4m", alert: "DiskSpaceCritical", fires: [] },
      { at: "6m", alert: "DiskSpaceCritical", fires: [{ mountpoint: "/", fstype: "ext4" }] },
    ],
  },
  { series: disk("1000", "101"), asked: [{ at: "10m", alert: "DiskSpaceCritical", fires: [] }] },
  {
    series: {
      'caddy_http_request_duration_seconds_count{host="shop.test",code="401"}': "0+10x60",
      'caddy_http_request_duration_seconds_count{host="calm.test",code="401"}': "0+1x60",
      'caddy_http_request_duration_seconds_count{host="shop.test",code="200"}': "0+900x60",
    },
    asked: [{ at: "10m", alert: "LoginFailures", fires: [{ host: "shop.test" }] }],
  },
  {
    series: {
      'caddy_http_request_duration_seconds_count{host="shop.test",code="429"}': "0+20x60",
      'caddy_http_request_duration_seconds_count{host="calm.test",code="429"}': "0+2x60",
    },
    asked: [{ at: "10m", alert: "SuspiciousActivity", fires: [{ host: "shop.test" }] }],
  },
];

/** In promtool's words. Texts of alerts are left out of the comparison by saying them as they come. */
function toTest({ series, asked }: Case): unknown {
  return {
    interval: "30s",
    input_series: Object.entries(series).map(([name, values]) => ({ series: name, values })),
    alert_rule_test: asked.map(({ at, alert, fires }) => ({
      eval_time: at,
      alertname: alert,
      exp_alerts: fires.map((labels) => {
        const rule: Rule | undefined = rules.find((candidate) => candidate.alert === alert);
        return { exp_labels: { severity: rule?.severity, ...labels }, exp_annotations: { summary: summaries[alert] } };
      }),
    })),
  };
}

const summaries: Readonly<Record<string, string>> = {
  ServiceDown: "api has not answered for two minutes",
  CriticalMemoryUsage: "96 % of the host's memory is in use",
  ContainerCriticalMemoryUsage: "full uses 97 % of its memory limit",
  DiskSpaceCritical: "/ has 8 % left",
  LoginFailures: "shop.test refused 100 requests in five minutes",
  SuspiciousActivity: "shop.test turned away 200 requests over the rate limit in five minutes",
};
