import type { Finding, PathStep } from "../contracts/verdict.ts";
import type { ReportInput } from "./input.ts";

/** `outside → caddy:443 → api`: the stations of a way in. Not yet escaped. */
export function describePath(path: readonly PathStep[]): string {
  const [first] = path;
  return first === undefined ? "" : [first.from, ...path.map(stationOf)].join(" → ");
}

/** Where a step leads to: `caddy:443`. */
export function stationOf({ to, port }: PathStep): string {
  return port === undefined ? to : `${to}:${port}`;
}

/** What runs, in the words of where it runs: `3 services`, `21 workloads`; nothing where nothing does. */
export function countedServices({
  serviceCount,
  clusterWorkloads,
}: Pick<ReportInput, "serviceCount" | "clusterWorkloads">): readonly (readonly [count: number, noun: string])[] {
  const services = serviceCount - clusterWorkloads;
  const parts = [
    [services, services === 1 ? "service" : "services"],
    [clusterWorkloads, clusterWorkloads === 1 ? "workload" : "workloads"],
  ] as const;
  return parts.filter(([count]) => count > 0);
}

/** A sentence without its full stop, to be gone on with. */
export function asClause(message: string): string {
  return asSentence(message).replace(/\.$/, "");
}

/** `db: the message`; the message alone where it begins with the name already, as of files that could not be read. */
export function about(name: string, message: string): string {
  return message.startsWith(`${name} `) ? message : `${name}: ${message}`;
}

/** A message with a capital and a full stop, however its control wrote it. A beginning that is no word (`read_only`) stays. */
export function asSentence(message: string): string {
  const text = message.trim();
  const capital = /^[a-z][a-z'’-]*(?=[\s,:]|$)/.test(text) ? text.charAt(0).toUpperCase() + text.slice(1) : text;
  return /[.!?]$/.test(capital) ? capital : `${capital}.`;
}

/** `high`, and `high?` for what cannot be told and may be as bad as that. */
export function severityWord({ severity, verdict }: Pick<Finding, "severity" | "verdict">): string {
  return verdict === "unknown" ? `${severity}?` : severity;
}
