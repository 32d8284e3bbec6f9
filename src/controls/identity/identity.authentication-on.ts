/**
 * A door that asks nobody who they are is open, whoever was meant to come.
 *
 * Reads:  container.environment, container.command, container.entrypoint, image.reference, listener.reach (of its workload)
 * Passes: no switch turns the login off, and a store without a password of its own has one set or is not published.
 */
import type { Judgement, Severity } from "../../contracts/verdict.ts";
import { openOptionFor, placeInStart, type SeenCommand, seenStart, type Unseen } from "../../facts/command-words.ts";
import { knownValue, unstated } from "../../facts/fact.ts";
import { isNarrowed } from "../../facts/narrowed.ts";
import {
  type Container,
  type EnvironmentVariable,
  type Listener,
  sameRef,
  type Workload,
} from "../../facts/subjects.ts";
import type { System } from "../../facts/system.ts";
import { defineControl } from "../define.ts";
import { all, cannotTell, fail, forbidAny, pass } from "../judge.ts";
import { remedyForArgument, remedyForStore, remedyForVariable } from "../knowledge/open-door-remedies.ts";
import { type OpenDoor, openArguments, openVariableName, openVariables } from "../knowledge/open-doors.ts";
import { productOf } from "../knowledge/products.ts";
import { onLoopback, unpublish } from "../knowledge/published.ts";
import { guardOf, portOf, routesTo } from "../knowledge/sign-in.ts";
import { whoComes } from "../knowledge/strangers.ts";
import { unseenValue } from "../knowledge/unseen-value.ts";

export const authenticationOn = defineControl({
  id: "identity.authentication-on",
  on: "container",
  severity: "medium",
  title: "Logins are not switched off",
  claim: "No service has its login switched off.",
  threat: "Whoever reaches the port is in: reads and changes the data, or runs commands.",
  remedy:
    "Remove the switch, and set a login of the program's own. Where it has none, let a proxy that asks who comes be the only way to it.",
  judged:
    "Fails for variables and arguments known to switch the login off; high where whoever comes may give orders, as an anonymous Admin of Grafana, or where a store of data, or what runs code, stands open and is published, or a proxy leads everybody to it. A login that Sonarr and its like leave to a proxy (`External`) fails unless every way in demands a sign-in there; one that is off for private addresses alone is low. Redis, Valkey, memcached and MongoDB, which have none unless told, fail when none is set: high when they are published, medium to stated networks or on an address of a tailnet, low when only their own networks reach them. Unknown when such a value cannot be resolved.",
  limits:
    "Settings in configuration files are not read; a mounted configuration file makes a store without a password unknown.",
  frameworks: {
    owaspDocker: ["D04"],
    owaspKubernetes: ["K09"],
    zeroTrust: ["6"],
    nistCsf: ["PR.AA-03"],
    coverage: ["A3", "A8"],
  },

  // That what asks nobody is published is half of one fault.
  folds: [{ control: "network.datastore-unpublished" }, { control: "network.only-proxy-publishes" }],

  check(container, system) {
    const variables = forbidAny(container.environment, (variable) => judgeVariable(variable, container, system), {
      what: "the environment",
      none: "no variable switches a login off",
    });
    return all(variables, judgeCommand(container, system), judgeStore(container, system));
  },
});

function judgeVariable(variable: EnvironmentVariable, container: Container, system: System): Judgement | undefined {
  const { name, value, place } = variable;
  if (!openVariableName.test(name)) return undefined;
  const doors = openVariables.filter((door) => door.name.test(name));
  if (doors.length === 0) return undefined;
  const unseen = unseenValue(variable);
  if (unseen !== undefined) {
    const mild = doors.every((door) => door.value.test("")) ? { severity: "info" as const } : unseen.extras;
    return cannotTell(`whether ${name} switches the login off`, unseen.why, { place, detail: name, ...mild });
  }
  const text = knownValue(value)?.reveal().trim() ?? "";
  const open = doors.find((door) => door.value.test(text));
  if (open === undefined) return undefined;
  const told = open.toldBy;
  if (told !== undefined && container.environment.items.some((each) => isSaid(each, told))) return undefined;
  const shut = closing(open, container, system);
  if (shut === "closed") return undefined;
  if (shut !== "open") return cannotTell(`whether ${open.means}`, shut.why, { place, detail: name, severity: "low" });
  const shown = text === "" ? "empty" : (open.value.exec(text)?.[0] ?? text);
  const worse = open.more;
  const given = worse && container.environment.items.find((variable) => variable.name === worse.name);
  const role = given === undefined ? undefined : knownValue(given.value)?.reveal().trim();
  const toAll = open.store === true && isOpenToAll(container, system);
  const extras = {
    place,
    detail: name,
    remedy: `${toAll ? closeFirst(publishedOf(container, system)) : ""}${remedyForVariable(name)}`,
    apart: open.means,
  };
  const reached = open.port === undefined || isMoved(open, container) ? {} : behind(open.port, container, system);
  return worse !== undefined && role !== undefined && worse.value.test(role)
    ? fail(`${name} is ${shown} and ${worse.name} ${role}: ${worse.means}`, {
        ...extras,
        severity: "high",
        ...reached,
      })
    : fail(`${name} is ${shown}: ${open.means}`, {
        ...extras,
        ...(toAll ? { severity: "high" as const } : {}),
        ...(open.severity === undefined ? {} : { severity: open.severity, settled: true as const }),
        ...reached,
      });
}

/** Whether a variable puts it behind another port, or one that is not seen may. */
function isMoved({ movedByVariable }: OpenDoor, { environment }: Container): boolean {
  return movedByVariable !== undefined && environment.items.some(({ name }) => movedByVariable.test(name));
}

/** What helps at once, whatever is in the store, in the words of the platform that publishes it. */
function closeFirst([listener]: readonly Listener[]): string {
  if (listener === undefined) return "";
  const loopback = listener.platform === "kubernetes" ? "" : `, or bind it to loopback: ${onLoopback(listener)}`;
  return `${unpublish(listener)} first${loopback}. `;
}

function isSaid(variable: EnvironmentVariable, { name, value }: NonNullable<OpenDoor["toldBy"]>): boolean {
  return name.test(variable.name) && value.test(knownValue(variable.value)?.reveal().trim() ?? "");
}

/** Another port of it may be published: the door is not behind that one. */
const onlyInside = { severity: "low", settled: true } as const;

/** Whether something else asks for a login where a switch would ask for none. */
function closing(
  { unless, closedBy, leftToProxy }: OpenDoor,
  container: Container,
  system: System,
): "open" | "closed" | { readonly why: string } {
  const { environment } = container;
  const given = unless === undefined ? [] : environment.items.filter(({ name }) => unless.test(name));
  if (given.some(({ value }) => (knownValue(value)?.length ?? 0) > 0)) return "closed";
  const open = given.find(({ value }) => knownValue(value) === undefined);
  if (open !== undefined) return { why: `\`${open.name}\`, which may make it ask, has a value that is not seen` };
  if (unless !== undefined && !environment.complete) return { why: environment.why };
  if (leftToProxy === true) return closingAtProxy(container, system);
  if (closedBy === undefined) return "open";
  const image = container.image === undefined ? undefined : system.get(container.image);
  const repository = image === undefined ? undefined : knownValue(image.reference)?.repository;
  if (repository === undefined || !closedBy.image.test(repository)) {
    return { why: "its image may bring a configuration that asks for one" };
  }
  const mounted = system
    .ownedBy(container.ref, "mount")
    .find(({ target }) => closedBy.mounted.test(knownValue(target) ?? ""));
  return mounted === undefined ? "open" : { why: `\`${knownValue(mounted.target)}\` is mounted and not read` };
}

/** Whether a proxy asks in the program's place. */
function closingAtProxy(container: Container, system: System): ReturnType<typeof closing> {
  const workload = system.workloadOf(container);
  const coming = workload === undefined ? undefined : whoComes(workload, undefined, system);
  if (coming?.kind === "signed in") return "closed";
  const some = workload !== undefined && routesTo(workload, system).some((route) => guardOf(route) !== "none");
  if (some) return { why: "a sign-in stands before some of its paths, and which ones need it is not seen" };
  return coming?.kind === "in doubt" ? { why: coming.why } : "open";
}

/** What a word may be completed to where it is not known. */
const openingValues = ["", "true", "none", "''", '""'];

function judgeCommand(container: Container, system: System): readonly Judgement[] {
  const seen = seenStart(container);
  const text = seen.words.join(" ");
  const found = openArguments
    .filter(({ pattern }) => pattern.test(text))
    .map(({ pattern, means, grave, port, movedBy }) =>
      fail(`the command switches the login off: ${means}`, {
        place: placeInStart(container, pattern),
        detail: means,
        remedy: remedyForArgument(means),
        apart: means,
        ...(grave === true && isOpenToAll(container, system) ? { severity: "high" as const } : {}),
        ...(port === undefined || movedBy?.test(text) === true ? {} : behind(port, container, system)),
      }),
    );
  const doubt = seen.hidden ?? firstOpen(seen);
  return doubt === undefined
    ? found
    : [
        ...found,
        cannotTell("whether the command switches the login off", doubt.why, {
          place: doubt.place,
          detail: "command",
          severity: "low",
        }),
      ];
}

function firstOpen(seen: SeenCommand): Unseen | undefined {
  for (const { pattern } of openArguments) {
    const option = openOptionFor(seen, pattern, openingValues);
    if (option !== undefined) return option;
  }
  return undefined;
}

interface StoreRule {
  readonly images: RegExp;
  /** The versions that ask nobody, by their tags; absent: all. */
  readonly tags?: RegExp;
  readonly name: string;
  /** What in the command, or among the variables, sets a login. */
  readonly argument: RegExp;
  readonly variable: RegExp;
  /** Where a mounted configuration file may set one. */
  readonly configuration: RegExp;
}

const stores: readonly StoreRule[] = [
  {
    images: /^(?:redis|valkey|keydb|dragonfly|redis-stack|redis-stack-server|garnet|garnet-alpine)$/,
    name: "Redis",
    argument: /requirepass|--aclfile|--auth\b|--password|\.conf\b/i,
    variable: /^(?:REDIS|VALKEY|KEYDB)_(?:PASSWORD(?:_FILE)?|ARGS)$|^REDIS_PASS$/i,
    configuration: /redis|valkey|keydb|\.conf$|\/etc/i,
  },
  {
    images: /^(?:mongo|mongodb)$/,
    name: "MongoDB",
    argument: /--auth\b|--keyFile|--config|-f\b/,
    variable: /^MONGO(?:DB)?_(?:INITDB_)?ROOT_(?:USERNAME|PASSWORD)(?:_FILE)?$/i,
    configuration: /mongod?\.(?:conf|ya?ml)/,
  },
  {
    images: /^memcached$/,
    name: "memcached",
    argument: /-S\b|--enable-sasl|-Y\b|--auth-file/,
    variable: /^MEMCACHED_(?:USERNAME|PASSWORD)/,
    configuration: /^$/,
  },
  // Source: InfluxDB v1's documentation, "Authentication and authorization": off by default. Version 2 always has a login.
  {
    images: /^influxdb$/,
    tags: /^v?1(?:[.-]|$)/,
    name: "InfluxDB 1",
    argument: /-config\b/,
    variable: /^INFLUXDB_HTTP_AUTH_ENABLED$/,
    configuration: /\.conf$|^\/etc(?:\/influxdb)?\/?$/i,
  },
];

/** Stores that ask for no password unless they are told to. */
function judgeStore(container: Container, system: System): readonly Judgement[] {
  const workload = system.workloadOf(container);
  if (workload === undefined) return [];
  if (container.kubernetes?.role === "init") return [];
  const { image, tag, doubt } = ownProduct(container, workload, system);
  const rule = stores.find(
    ({ images, tags }) => images.test(image) && (tags === undefined || (tag !== undefined && tags.test(tag))),
  );
  if (rule === undefined) {
    return doubt === undefined ? [] : [cannotTell("whether it asks for a password", doubt, { severity: "info" })];
  }
  const extras = { place: container.place, detail: "store" };
  if (container.environment.items.some(({ name }) => rule.variable.test(name)))
    return [pass(`${rule.name} is given a password`)];
  const seen = seenStart(container);
  if (seen.hidden !== undefined) return [];
  if (rule.argument.test(seen.words.join(" "))) return [pass(`${rule.name} is told to ask for a password`)];
  const open = seen.open.find(({ start }) => rule.argument.test(start));
  if (open !== undefined) return [cannotTell(`whether ${rule.name} asks for a password`, open.why, extras)];
  if (mountsConfiguration(container, rule, system)) {
    return [
      cannotTell(`whether ${rule.name} asks for a password`, "its configuration file is not read", {
        ...extras,
        severity: "low",
      }),
    ];
  }
  const message = `${rule.name} is given no password, and asks for none`;
  const [reaches, severity] = whoReaches(workload, system);
  const first = severity === "high" ? closeFirst(publishedBy(workload, system)) : "";
  const remedy = `${first}${remedyForStore(rule.name)}`;
  const mending = { ...extras, remedy, apart: rule.name };
  return [fail(`${message}; ${reaches}`, { ...mending, severity })];
}

/** Who reaches a store, as a clause, and how bad it is that nobody is asked: as bad as that it is reached. */
function whoReaches(workload: Workload, system: System): readonly [clause: string, severity: Severity] {
  const { exposure, inDoubt, limited, why } = system.reach.exposure(workload);
  if (publishedBy(workload, system).length > 0) {
    return limited === true ? [why, "medium"] : ["its port is published", "high"];
  }
  return exposure === "published" && inDoubt === true
    ? [`it may be reached: ${why}`, "medium"]
    : ["only its networks reach it", "low"];
}

/** In a pod of several containers each runs a product of its own. */
function ownProduct(container: Container, workload: Workload, system: System) {
  const product = productOf(workload, system);
  if (workload.containers.length === 1 || container.image === undefined) return product;
  const reference = knownValue(system.get(container.image)?.reference ?? unstated<never>(container.place));
  const image = (reference?.repository.split("/").at(-1) ?? "").toLowerCase();
  return { image, tag: reference?.tag, doubt: undefined };
}

function mountsConfiguration(container: Container, rule: StoreRule, system: System): boolean {
  return system.ownedBy(container.ref, "mount").some((mount) => {
    const target = knownValue(mount.target);
    return target === undefined || (rule.configuration.test(target) && !/\/(?:data|db)\/?$/.test(target));
  });
}

/** Whether whoever can route to the host comes to it, and not only stated networks or a tailnet. */
function isOpenToAll(container: Container, system: System): boolean {
  if (publishedOf(container, system).some((listener) => !isNarrowed(listener))) return true;
  const workload = system.workloadOf(container);
  if (workload === undefined || routesTo(workload, system).length === 0) return false;
  return whoComes(workload, undefined, system).kind === "everybody";
}

/** Of a door behind some ports: which of them are open outside; low where none is. */
function behind(port: RegExp, container: Container, system: System): Pick<Judgement, "ports" | "severity" | "settled"> {
  const workload = system.workloadOf(container);
  // In the network of the host, or of another, its ports are published elsewhere than with it.
  const kind = workload === undefined ? undefined : knownValue(workload.networkMode)?.kind;
  if (workload === undefined || !(kind === "networks" || kind === "default-bridge" || kind === "none")) return {};
  const published = publishedBy(workload, system, port).map((listener) => knownValue(listener.port));
  // A proxy's own pages answer by its routes where visitors come in, and those are judged by themselves.
  const others = routesTo(workload, system).filter(({ edge }) => edge === undefined || !sameRef(edge, workload.ref));
  const routed = others.map(portOf);
  const open = [...published, ...routed.filter((number) => number === undefined || port.test(String(number)))];
  if (open.length === 0) return onlyInside;
  // One that is not known may be any of them.
  return open.includes(undefined) ? {} : { ports: open.filter((number) => number !== undefined) };
}

function publishedOf(container: Container, system: System, port?: RegExp): readonly Listener[] {
  const workload = system.workloadOf(container);
  return workload === undefined ? [] : publishedBy(workload, system, port);
}

/** `port`: those of its ports that count; one that is not known may be any of them. */
function publishedBy(workload: Workload, system: System, port = /^/): readonly Listener[] {
  return system.ownedBy(workload.ref, "listener").filter((listener) => {
    const reach = knownValue(listener.reach);
    const number = knownValue(listener.port);
    const counts = number === undefined || port.test(String(number));
    return counts && (reach === "everywhere" || reach === "one-address");
  });
}
