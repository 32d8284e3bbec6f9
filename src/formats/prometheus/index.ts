import type { Named } from "../../facts/configuration/proxy.ts";
import type { ServiceConfiguration } from "../../facts/configuration/service.ts";
import {
  complete,
  defaulted,
  type Fact,
  type FactList,
  incomplete,
  knownValue,
  stated,
  unknown,
  unstated,
} from "../../facts/fact.ts";
import type { Workload } from "../../facts/subjects.ts";
import { type Place, wholeFile } from "../../lib/place.ts";
import type { ConfigFacts, ConfigFormat, ConfigInput } from "../config-format.ts";
import { configurationFile } from "../configuration-file.ts";
import { asBoolean, asText, Fields, textItem } from "../fields.ts";
import type { TreeNode } from "../tree.ts";
import { readYamlFile } from "../yaml-file.ts";
import { type LoadedRules, loadRules } from "./alerts.ts";

/**
 * Prometheus: what it scrapes, which alerts it evaluates, and to whom it gives them.
 *
 * Source: Prometheus 3.5 documentation, "Configuration".
 */
export const prometheusFormat: ConfigFormat = {
  name: "Prometheus configuration",
  mayBe: (path) => /\.ya?ml$/i.test(path) && /prom/i.test(path),
  recognises: (_path, text) =>
    (/^scrape_configs:/m.test(text) && !ofCollectorOfLogs.test(text)) ||
    (/^rule_files:/m.test(text) && /^alerting:/m.test(text)),
  read,
};

/**
 * What Promtail has beside its `scrape_configs`, which name logs: where it sends them, how far it has read, and what it
 * makes of a line. Source: Loki 3.5 documentation, "Configure Promtail".
 */
const ofCollectorOfLogs =
  /^(?:clients?|positions|target_config):|^[ \t]+(?:-[ \t]+)?(?:pipeline_stages|loki_push_api):/m;
const collectorOfLogs = /(?:^|\/)(?:promtail|alloy|agent)$/;
/**
 * VictoriaMetrics and its vmagent read `scrape_configs` of Prometheus, and leave alerts to vmalert. Source:
 * docs.victoriametrics.com, "How to scrape Prometheus exporters" and "vmagent".
 */
const onlyScrapes = /(?:^|\/)(?:vmagent|vminsert|vmsingle|victoria-metrics)$/;

/** Whether rules are evaluated by the one that reads the file: an agent hands on what it scrapes. */
function evaluatesRules({ words = [], image = "" }: ConfigInput): boolean {
  if (onlyScrapes.test(image)) return false;
  return !words.some((word) => /^--?(?:agent(?:=true)?$|enable-feature=.*\bagent\b|promscrape\.config)/.test(word));
}

function read(input: ConfigInput): ConfigFacts {
  const { file, owner } = input;
  if (collectorOfLogs.test(input.image ?? "")) return { subjects: [], problems: [], sources: [] };
  const { root, problems } = readYamlFile(file);
  const place = wholeFile(file.source);
  const jobs = root.list("scrape_configs", (node) => ({ value: Fields.of(node, node.place, "a job") }));
  const rules = loadRules(
    root.list(
      "rule_files",
      textItem((value) => ({ value })),
    ).items,
    input,
  );
  const scraped = scrapedBy(jobs, input);
  const evaluates = evaluatesRules(input);
  const configuration: ServiceConfiguration = {
    software: "prometheus",
    unverifiedUpstreams: unverified(root, jobs),
    ...(evaluates ? { alertsDelivered: delivered(root, rules, place) } : {}),
  };
  return {
    subjects: [configurationFile(input, configuration)],
    problems: [...problems, ...rules.problems],
    sources: rules.sources,
    amend: (workload) => amended(workload, evaluates ? owner : undefined, scraped, rules, place),
  };
}

/** The workloads that are targets by name. What is discovered is not seen, so nothing is said of the others. */
function scrapedBy(jobs: FactList<Fields>, { find }: ConfigInput): ReadonlyMap<string, Place> {
  const found = new Map<string, Place>();
  for (const job of jobs.items) {
    for (const target of job.list("static_configs", targets).items.flat()) {
      const separator = target.address.lastIndexOf(":");
      const host = separator === -1 ? target.address : target.address.slice(0, separator);
      const port = separator === -1 ? undefined : Number(target.address.slice(separator + 1));
      const workload = find(host, Number.isNaN(port) ? undefined : port);
      if (workload !== undefined) found.set(workload.ref.name, target.place);
    }
  }
  return found;
}

interface Target {
  readonly address: string;
  readonly place: Place;
}

function targets(node: TreeNode): { readonly value: readonly Target[] } {
  const list = Fields.of(node, node.place, "static_configs").list("targets", address);
  return { value: list.items };
}

function amended(
  workload: Workload,
  owner: Workload | undefined,
  scraped: ReadonlyMap<string, Place>,
  rules: LoadedRules,
  place: Place,
): Workload {
  const target = scraped.get(workload.ref.name);
  const watched = target === undefined ? workload : { ...workload, scraped: stated(true, target) };
  if (owner === undefined || owner.ref.name !== workload.ref.name) return watched;
  const conditions =
    rules.unread === undefined ? complete(rules.conditions, place) : incomplete(rules.conditions, rules.unread, place);
  return { ...watched, alertedConditions: conditions };
}

/** Alerts that nobody is given. Without rules there is nothing to give. */
function delivered(root: Fields, rules: LoadedRules, place: Place): Fact<boolean> {
  if (rules.names.length === 0) {
    return rules.unread === undefined ? { kind: "unstated", place } : unknown(rules.unread, place);
  }
  const managers = root.fields("alerting").list("alertmanagers", (node) => ({ value: reached(node) }));
  const found = managers.items.find((manager) => knownValue(manager) === true);
  if (found !== undefined) return found;
  const hidden = managers.items.find(({ kind }) => kind === "unknown");
  if (hidden !== undefined) return hidden;
  if (!managers.complete) return unknown(managers.why, managers.place);
  return managers.items[0] ?? defaulted(false, "platform", place);
}

/** Whether an entry leads to anybody: an address, or a way to find some (`dns_sd_configs`). */
function reached(node: TreeNode): Fact<boolean> {
  const manager = Fields.of(node, node.place, "alertmanagers");
  const found = manager.entries.find(({ key }) => /_sd_configs$/.test(key));
  if (found !== undefined) return stated(true, found.keyPlace);
  const groups = manager.list("static_configs", (group) => ({
    value: Fields.of(group, group.place, "static_configs").list("targets", address),
  }));
  if (groups.items.some(({ items }) => items.length > 0)) return stated(true, groups.place);
  const open = [groups, ...groups.items].find((list) => !list.complete);
  return open?.complete === false ? unknown(open.why, open.place) : stated(false, groups.place);
}

const address = textItem((text, place) => ({ value: { address: text, place } }));

/** What it asks for figures, gives them to, and gives alerts to. */
function unverified(root: Fields, jobs: FactList<Fields>): FactList<Named> {
  const listOf = (fields: Fields, key: string) =>
    fields.list(key, (node) => ({ value: Fields.of(node, node.place, key) }));
  const asked: readonly (readonly [what: string, list: FactList<Fields>])[] = [
    ["the job", jobs],
    ["the store of `remote_write`", listOf(root, "remote_write")],
    ["the store of `remote_read`", listOf(root, "remote_read")],
    ["an Alertmanager", listOf(root.fields("alerting"), "alertmanagers")],
  ];
  const items: Named[] = [];
  let why: string | undefined;
  for (const [what, list] of asked) {
    if (!list.complete) why ??= list.why;
    for (const each of list.items) {
      const skips = each
        .fields("tls_config")
        .fact("insecure_skip_verify", asBoolean, "true or false", (at) => defaulted(false, "platform", at));
      if (skips.kind === "unknown") why ??= skips.why;
      if (knownValue(skips) !== true) continue;
      const name = knownValue(each.fact(what === "the job" ? "job_name" : "name", asText, "a text", unstated));
      items.push({ name: name === undefined ? what : `${what} ${name}`, place: skips.place });
    }
  }
  return why === undefined ? complete(items, jobs.place) : incomplete(items, why, jobs.place);
}
