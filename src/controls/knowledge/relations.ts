import { knownValue } from "../../facts/fact.ts";
import { oncePerKey, oncePerSystem } from "../../facts/once.ts";
import { namesSecret } from "../../facts/secret-like.ts";
import type { Sensitive } from "../../facts/sensitive.ts";
import type { Workload } from "../../facts/subjects.ts";
import type { System } from "../../facts/system.ts";
import { append } from "../../lib/append.ts";
import { unseenValue } from "./unseen-value.ts";

/** The names by which others reach a workload on a network, lower case. */
export function namesOf(workload: Workload): ReadonlySet<string> {
  const known = nameCache.get(workload) ?? gatherNames(workload);
  nameCache.set(workload, known);
  return known;
}

const nameCache = new WeakMap<Workload, ReadonlySet<string>>();

function gatherNames(workload: Workload): ReadonlySet<string> {
  const names = new Set([workload.ref.name.toLowerCase()]);
  const { compose } = workload;
  if (compose !== undefined) {
    names.add(compose.service.toLowerCase());
    const container = knownValue(compose.containerName);
    if (container !== undefined && container !== "") names.add(container.toLowerCase());
  }
  for (const attachment of workload.attachments.items) {
    for (const alias of attachment.aliases) names.add(alias.toLowerCase());
  }
  return names;
}

interface Mentions {
  /** Names that it waits for or links, lower case. */
  readonly waited: readonly string[];
  readonly words: ReadonlySet<string>;
  /** What tells secrets apart that it is given by name; whoever is given the same one has business with it. */
  readonly secrets: ReadonlySet<string>;
  /** Why there may be more words. */
  readonly doubt: string | undefined;
}

const between = /[^A-Za-z0-9_.-]+/;

/** Every word of a workload's environment, command and labels: where the names of those it talks to stand. */
const mentionsOf = oncePerKey<Workload, Mentions>(gather);

function gather(workload: Workload, system: System): Mentions {
  const found = new Set<string>();
  let doubt: string | undefined;
  const add = (value: Sensitive | undefined) => {
    for (const word of value?.reveal().toLowerCase().split(between) ?? []) found.add(word);
  };
  for (const container of system.containersOf(workload)) {
    if (!container.environment.complete) doubt = container.environment.why;
    for (const variable of container.environment.items) {
      const unseen = mayNameOthers(variable.name) ? unseenValue(variable) : undefined;
      doubt = unseen?.why ?? doubt;
      add(knownValue(variable.value));
    }
    for (const fact of [container.command, container.entrypoint]) {
      if (fact.kind === "unknown") doubt = fact.why;
      for (const word of knownValue(fact) ?? []) add(word);
    }
    const { commandWords = [], entrypointWords = [] } = container;
    for (const { text, why } of [...commandWords, ...entrypointWords]) if (why === undefined) add(text);
  }
  return { waited: waitedFor(workload), words: found, secrets: secretsOf(workload, system), doubt };
}

/**
 * The secrets that somebody gave this workload on purpose: by a variable of the file (`${DB_PASSWORD}`) or as a file. What a
 * file of variables brings, every service gets that names the file; and two may be `changeme` by chance.
 */
function secretsOf(workload: Workload, system: System): ReadonlySet<string> {
  const found = new Set<string>();
  for (const container of system.containersOf(workload)) {
    for (const { name, from, interpolates } of container.environment.items) {
      if (from !== undefined || !namesSecret(name)) continue;
      for (const variable of interpolates) found.add(`variable ${variable}`);
    }
  }
  for (const { delivery, secret } of system.ownedBy(workload.ref, "secret-reference"))
    if (knownValue(delivery) === "file") found.add(`file ${secret}`);
  return found;
}

/** Variables that hold no name of another, whatever their value: of whom it runs as, of the clock, and of one secret alone. */
const namesNobody =
  /^(?:TZ|P?[UG]ID|USER_[UG]ID|UMASK(?:_SET)?|LANG|LANGUAGE|LC_[A-Z]+)$|(?:(?<!PROXY_|BY)PASS|PASS(?:WORD|WD)|TOKEN|(?:API|SECRET)_?KEY)$/i;

function mayNameOthers(name: string): boolean {
  return !namesNobody.test(name);
}

/** Whether one workload has business with another: it waits for it, links it, or names it. `unknown` when that may be hidden. */
export function talksTo(from: Workload, to: Workload, system: System): "yes" | "no" | "unknown" {
  const names = namesOf(to);
  const { waited, words, secrets, doubt } = mentionsOf(from, system);
  if (waited.some((name) => names.has(name))) return "yes";
  for (const name of names) if (words.has(name)) return "yes";
  if (secrets.size > 0) for (const secret of mentionsOf(to, system).secrets) if (secrets.has(secret)) return "yes";
  return doubt === undefined ? "no" : "unknown";
}

/**
 * Joins those among some workloads that have business with one another, directly or through others among them.
 * `unclear` when the words of one of them cannot all be read, so that groups may belong together.
 */
export function groupsOf(members: readonly Workload[], system: System): { groups: Workload[][]; unclear: boolean } {
  if (members.length < 2) return { groups: members.map((member) => [member]), unclear: false };
  const byName = new Map<string, Workload[]>();
  for (const member of members) {
    for (const name of namesOf(member)) append(byName, name, member);
  }
  const group = new Map<Workload, Workload[]>(members.map((member) => [member, [member]]));
  let unclear = false;
  const bySecret = new Map<string, Workload>();
  for (const from of members) {
    const { waited, words, secrets, doubt } = mentionsOf(from, system);
    if (doubt !== undefined) unclear = true;
    for (const secret of secrets) {
      const first = bySecret.get(secret);
      if (first === undefined) bySecret.set(secret, from);
      else join(group, first, from);
    }
    for (const named of [waited, words]) {
      for (const word of named) for (const to of byName.get(word) ?? []) join(group, from, to);
    }
  }
  return { groups: [...new Set(group.values())], unclear };
}

/** The smaller group becomes part of the larger, so that joining thousands stays cheap. */
function join(group: Map<Workload, Workload[]>, from: Workload, to: Workload): void {
  const a = group.get(from) ?? [];
  const b = group.get(to) ?? [];
  if (a === b) return;
  const [small, large] = a.length < b.length ? [a, b] : [b, a];
  for (const member of small) {
    large.push(member);
    group.set(member, large);
  }
}

function waitedFor(workload: Workload): readonly string[] {
  const links = workload.compose?.links.items ?? [];
  return [...workload.dependsOn, ...links.map((link) => link.split(":")[0] ?? "")].map((name) => name.toLowerCase());
}

export interface Members {
  readonly workloads: readonly Workload[];
  /** Why there may be more of them. */
  readonly doubt: string | undefined;
}

const workloadsByNetwork = oncePerSystem(membersByNetwork);
const doubtOfMembers = oncePerSystem(whyIncomplete);

/** The workloads on a network by its name, and whether others may be on it too. */
export function membersOf(network: string, system: System): Members {
  return { workloads: workloadsByNetwork(system).get(network) ?? [], doubt: doubtOfMembers(system) };
}

function membersByNetwork(system: System): ReadonlyMap<string, readonly Workload[]> {
  const members = new Map<string, Workload[]>();
  for (const workload of system.all("workload")) {
    for (const { network } of workload.attachments.items) {
      const list = members.get(network.name);
      if (list === undefined) members.set(network.name, [workload]);
      else if (list.at(-1) !== workload) list.push(workload);
    }
  }
  return members;
}

function whyIncomplete(system: System): string | undefined {
  for (const { attachments, networkMode, ref } of system.all("workload")) {
    if (!attachments.complete) return `the networks of ${ref.name}: ${attachments.why}`;
    if (networkMode.kind === "unknown") return `the networks of ${ref.name}: ${networkMode.why}`;
  }
  return undefined;
}
