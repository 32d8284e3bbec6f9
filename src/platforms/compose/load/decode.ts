/**
 * The last step: every value in the type and spelling in which `docker compose config --format json` prints it.
 * Sizes are texts of bytes, durations are Go's, commands are lists of words, labels and variables are texts.
 *
 * Source: compose-go v2.9.1, `types/` and `loader/mapstructure.go`.
 */
import type { MappingEntry, ScalarNode, ScalarValue, TreeNode } from "../../../formats/tree.ts";
import { castNumber, toBoolean } from "./casts.ts";
import { derived, entry, goText, isNull, mapItems, mapValues, scalar, sequence } from "./nodes.ts";
import { toPairs } from "./pairs.ts";
import { applyRules, rulesOf } from "./rules.ts";
import type { Session } from "./session.ts";
import { shownText } from "./shown-text.ts";
import type { Doubt } from "./template.ts";
import { formatDuration, parseBytes, parseDuration, splitCommand } from "./units.ts";

type Decode = (node: TreeNode, session: Session) => TreeNode;

const boolean = scalarOf("`true` or `false`", (value) =>
  typeof value === "string" ? toBoolean(value) : asIs(value, "boolean"),
);
const integer = scalarOf("a whole number", (value) =>
  typeof value === "string" ? castNumber(value, "integer") : typeof value === "number" ? Math.trunc(value) : undefined,
);
const count = scalarOf("a whole number of zero or more", (value) => {
  const number =
    typeof value === "string" ? castNumber(value, "integer") : typeof value === "number" ? Math.trunc(value) : -1;
  return number === undefined || number < 0 ? undefined : number;
});
const float = scalarOf("a number", (value) =>
  typeof value === "string" ? castNumber(value, "float") : asIs(value, "number"),
);
const bytes = scalarOf("a size such as `512m`", (value, node) => {
  const amount =
    typeof value === "number" ? sizeOf(value, node) : typeof value === "string" ? parseBytes(value) : undefined;
  return amount === undefined ? undefined : BigInt(amount).toString();
});
const duration = scalarOf("a duration such as `30s`", (value, node) => {
  const length = value === null ? undefined : parseDuration(goText(node));
  return length === undefined ? undefined : formatDuration(length);
});
const text = scalarOf("a text", (value, node) => (typeof value === "number" ? goText(node) : asIs(value, "string")));
const fileMode = scalarOf("a file mode such as `0440`", (value) => {
  const mode =
    typeof value === "number"
      ? value
      : typeof value === "string" && /^[0-7]+$/.test(value)
        ? Number.parseInt(value, 8)
        : undefined;
  return mode === undefined ? undefined : `0${mode.toString(8)}`;
});
const deviceCount = scalarOf("`all` or a number", (value) =>
  typeof value === "string"
    ? value.toLowerCase() === "all"
      ? -1
      : castNumber(value, "integer")
    : asIs(value, "number"),
);

const hook: Readonly<Record<string, Decode>> = {
  command: command,
  privileged: boolean,
  environment: variables,
};
const resource: Readonly<Record<string, Decode>> = {
  cpus: float,
  memory: bytes,
  pids: integer,
  "devices.*.count": deviceCount,
  "devices.*.options": texts,
  "generic_resources.*.discrete_resource_spec.value": integer,
};
const update: Readonly<Record<string, Decode>> = {
  parallelism: count,
  delay: duration,
  monitor: duration,
  max_failure_ratio: float,
};

const service: Readonly<Record<string, Decode>> = {
  annotations: texts,
  attach: boolean,
  "blkio_config.weight": integer,
  "blkio_config.weight_device.*.weight": integer,
  "blkio_config.device_read_bps.*.rate": bytes,
  "blkio_config.device_read_iops.*.rate": bytes,
  "blkio_config.device_write_bps.*.rate": bytes,
  "blkio_config.device_write_iops.*.rate": bytes,
  "build.additional_contexts": texts,
  "build.args": variables,
  "build.extra_hosts": hosts,
  "build.labels": texts,
  "build.no_cache": boolean,
  "build.privileged": boolean,
  "build.provenance": text,
  "build.pull": boolean,
  "build.sbom": text,
  "build.secrets.*.mode": fileMode,
  "build.shm_size": bytes,
  "build.ulimits.*": ulimit,
  command: command,
  "configs.*.mode": fileMode,
  cpu_count: integer,
  cpu_percent: float,
  cpu_period: integer,
  cpu_quota: integer,
  cpu_rt_period: integer,
  cpu_rt_runtime: integer,
  cpu_shares: integer,
  cpus: float,
  "depends_on.*.restart": boolean,
  "deploy.labels": texts,
  "deploy.placement.max_replicas_per_node": count,
  "deploy.replicas": integer,
  ...under("deploy.resources.limits", resource),
  ...under("deploy.resources.reservations", resource),
  "deploy.restart_policy.delay": duration,
  "deploy.restart_policy.max_attempts": count,
  "deploy.restart_policy.window": duration,
  ...under("deploy.rollback_config", update),
  ...under("deploy.update_config", update),
  ...under("develop.watch.*.exec", hook),
  entrypoint: command,
  "env_file.*.required": boolean,
  environment: variables,
  "expose.*": text,
  extra_hosts: hosts,
  "gpus.*.count": deviceCount,
  "gpus.*.options": texts,
  "group_add.*": text,
  "healthcheck.disable": boolean,
  "healthcheck.interval": duration,
  "healthcheck.retries": count,
  "healthcheck.start_interval": duration,
  "healthcheck.start_period": duration,
  "healthcheck.test": healthTest,
  "healthcheck.timeout": duration,
  init: boolean,
  labels: texts,
  "logging.options": texts,
  mem_limit: bytes,
  mem_reservation: bytes,
  mem_swappiness: bytes,
  memswap_limit: bytes,
  "networks.*.driver_opts": texts,
  "networks.*.gw_priority": integer,
  "networks.*.priority": integer,
  oom_kill_disable: boolean,
  oom_score_adj: integer,
  pids_limit: integer,
  ...under("post_start.*", hook),
  ...under("pre_stop.*", hook),
  "ports.*.published": text,
  "ports.*.target": integer,
  privileged: boolean,
  "provider.options": optionLists,
  read_only: boolean,
  scale: integer,
  "secrets.*.mode": fileMode,
  shm_size: bytes,
  stdin_open: boolean,
  stop_grace_period: duration,
  "storage_opt.*": text,
  sysctls: texts,
  tty: boolean,
  "ulimits.*": ulimit,
  use_api_socket: boolean,
  "volumes.*.bind.create_host_path": boolean,
  "volumes.*.read_only": boolean,
  "volumes.*.tmpfs.mode": integer,
  "volumes.*.tmpfs.size": bytes,
  "volumes.*.volume.labels": texts,
  "volumes.*.volume.nocopy": boolean,
};

const decoders = rulesOf<Decode>({
  ...under("services.*", service),
  "networks.*.attachable": boolean,
  "networks.*.driver_opts": texts,
  "networks.*.enable_ipv4": boolean,
  "networks.*.enable_ipv6": boolean,
  "networks.*.external": boolean,
  "networks.*.internal": boolean,
  "networks.*.ipam.config.*.aux_addresses": texts,
  "networks.*.labels": texts,
  "volumes.*.driver_opts": texts,
  "volumes.*.external": boolean,
  "volumes.*.labels": texts,
  "secrets.*.driver_opts": texts,
  "secrets.*.external": boolean,
  "secrets.*.labels": texts,
  "configs.*.external": boolean,
  "configs.*.labels": texts,
});

/** The canonical model with every value in its type; what does not fit stays as written and is marked unresolved. */
export function decodeModel(root: TreeNode, session: Session): TreeNode {
  return applyRules(root, decoders, (node, decode) => decode(node, session));
}

function under(prefix: string, table: Readonly<Record<string, Decode>>): Record<string, Decode> {
  return Object.fromEntries(Object.entries(table).map(([key, decode]) => [`${prefix}.${key}`, decode]));
}

function asIs(value: ScalarValue, type: "boolean" | "number" | "string"): ScalarValue | undefined {
  return typeof value === type ? value : undefined;
}

/** A decoder of one scalar. `change` gives undefined for what Compose refuses; null stays null. */
function scalarOf(wanted: string, change: (value: ScalarValue, node: ScalarNode) => ScalarValue | undefined): Decode {
  return (node, session) => {
    if (node.kind !== "scalar" || node.value === null) return node;
    const value = change(node.value, node);
    if (value !== undefined) return derived(value, node);
    if (node.unresolved !== undefined) return node;
    session.error(`${shown(node)} is not ${wanted}.`, node.place);
    return { ...node, unresolved: `it is not ${wanted}` };
  };
}

function shown(node: ScalarNode): string {
  return typeof node.value === "string" ? shownText(node.value) : goText(node);
}

function command(node: TreeNode, session: Session): TreeNode {
  if (node.kind !== "scalar" || typeof node.value !== "string") return node;
  const words = splitCommand(node.value);
  if (words !== undefined) {
    return node.unresolved === undefined
      ? sequence(
          words.map((word) => ({ ...node, value: word })),
          node.place,
        )
      : doubtfulWords(node, node.value, words, session.doubtsOf(node));
  }
  if (node.unresolved !== undefined) return node;
  session.error(
    "This command line has a quote or bracket that is never closed.",
    node.place,
    "Write it as a list of words.",
  );
  return { ...node, unresolved: "its quotes are not closed" };
}

/**
 * A command line with variables that are set nowhere. Within quotes a variable is a part of its word; elsewhere it may
 * hold no word or several, and may say anything. Where the words are not to be told apart, all are in doubt.
 */
function doubtfulWords(node: ScalarNode, line: string, words: readonly string[], doubts: readonly Doubt[]): TreeNode {
  const { knownStart: _, unresolved = "", ...known } = node;
  const marked = markedWords(line, doubts) ?? [];
  const items = marked.flatMap((word): ScalarNode[] => {
    const value = word.replaceAll(quotedMark, "").replaceAll(bareMark, "");
    if (value === word) return [{ ...known, value }];
    const isBare = word.includes(bareMark);
    const knownStart = isBare ? "" : word.slice(0, word.indexOf(quotedMark));
    return value === "" && isBare ? [] : [{ ...known, value, unresolved, knownStart }];
  });
  const isApart = items.length === words.length && items.every(({ value }, index) => value === words[index]);
  if (!isApart)
    return {
      ...sequence(
        words.map((value) => ({ ...node, value, knownStart: "" })),
        node.place,
      ),
      incomplete: unresolved,
    };
  const list = sequence(items, node.place);
  return marked.some((word) => word.includes(bareMark)) ? { ...list, incomplete: unresolved } : list;
}

/** Characters that no file holds on purpose: with a blank between they stay in one word only within quotes. */
const opens = "\uE0FE";
const closes = "\uE0FF";
const quotedMark = `${opens} ${closes}`;
const bareMark = `${opens}${closes}`;

/** The words with a mark where a doubt was; undefined where they cannot be told apart. */
function markedWords(line: string, doubts: readonly Doubt[]): readonly string[] | undefined {
  if (doubts.length === 0 || /[\uE0FE\uE0FF]/.test(line)) return undefined;
  const marked = doubts
    .toSorted((a, b) => b.start - a.start)
    .reduce((text, { start, end }) => text.slice(0, start) + quotedMark + text.slice(end), line);
  const joined: string[] = [];
  for (const word of splitCommand(marked) ?? []) {
    const before = joined.at(-1);
    if (before?.endsWith(opens) === true && word.startsWith(closes)) joined.splice(-1, 1, before + word);
    else joined.push(word);
  }
  return joined;
}

function healthTest(node: TreeNode): TreeNode {
  if (node.kind !== "scalar" || typeof node.value !== "string") return node;
  return sequence([scalar("CMD-SHELL", node.place), node], node.place);
}

/** Variables: numbers and booleans as texts; null is a variable without a value. */
function variables(node: TreeNode, session: Session): TreeNode {
  const pairs = toPairs(node, session);
  if (pairs.kind !== "mapping") return pairs;
  return mapValues(pairs, (value) =>
    value.kind === "scalar" && value.value !== null ? derived(goText(value), value) : value,
  );
}

/** Labels and options: numbers and booleans as texts; null is the empty text. */
function texts(node: TreeNode, session: Session): TreeNode {
  const pairs = toPairs(node, session);
  if (pairs.kind !== "mapping") return pairs;
  return mapValues(pairs, (value) =>
    value.kind === "scalar" ? derived(value.value === null ? "" : goText(value), value) : value,
  );
}

function optionLists(node: TreeNode): TreeNode {
  if (node.kind !== "mapping") return node;
  return mapValues(node, (value) => {
    const list = value.kind === "sequence" ? value : sequence([value], value.place);
    return mapItems(list, (item) => (item.kind === "scalar" ? derived(goText(item), item) : item));
  });
}

/** A fraction is no size to Compose, and it goes on with zero. */
function sizeOf(value: number, node: ScalarNode): number {
  return Number.isInteger(value) && node.tag !== "!!float" ? value : 0;
}

/** A limit of one number, or of a soft and a hard one. */
function ulimit(node: TreeNode, session: Session): TreeNode {
  if (node.kind === "scalar") return integer(node, session);
  return node.kind === "mapping"
    ? mapValues(node, (value, key) => (key === "soft" || key === "hard" ? integer(value, session) : value))
    : node;
}

/** `host=address`, sorted, brackets of IPv6 taken off. */
function hosts(node: TreeNode, session: Session): TreeNode {
  const pairs = node.kind === "mapping" ? [...node.entries.values()].flatMap(hostsOfEntry) : hostsOfList(node, session);
  if (pairs === undefined) return node;
  const items = pairs.sort((a, b) => (String(a.value) < String(b.value) ? -1 : 1));
  return {
    ...sequence(items, node.place),
    ...(node.kind !== "scalar" && node.incomplete !== undefined ? { incomplete: node.incomplete } : {}),
  };
}

function hostsOfEntry({ key, value }: MappingEntry): ScalarNode[] {
  if (value.kind === "sequence") return value.items.flatMap((item) => hostsOfEntry(entry(key, item)));
  if (value.kind !== "scalar") return [];
  return [derived(`${key}=${withoutBrackets(isNull(value) ? "" : goText(value))}`, value)];
}

function hostsOfList(node: TreeNode, session: Session): ScalarNode[] | undefined {
  if (node.kind !== "sequence") return undefined;
  const items: ScalarNode[] = [];
  for (const item of node.items) {
    if (item.kind !== "scalar") return undefined;
    const written = goText(item);
    const separator = written.includes("=") ? "=" : ":";
    const at = written.indexOf(separator);
    if (at > 0) {
      for (const address of written.slice(at + 1).split(",")) {
        items.push(derived(`${written.slice(0, at)}=${withoutBrackets(address)}`, item));
      }
    } else if (item.unresolved === undefined) {
      session.error(`${shown(item)} names no address.`, item.place, "Write `host=address`.");
    }
  }
  return items;
}

function withoutBrackets(address: string): string {
  return address.length > 2 && address.startsWith("[") && address.endsWith("]") ? address.slice(1, -1) : address;
}
