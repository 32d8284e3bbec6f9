/**
 * What forward authentication comes to. A route says whom its proxy asks about each request; here the one that is asked
 * is looked up, in the system and in the repository around it, and what it demands becomes the route's own sign-in. By
 * Authelia's rules that is bypass, one factor or two; of other known products it is known only that they ask. Whoever
 * cannot be found, or is not known to ask anybody for anything, leaves the sign-in unknown.
 */
import { posix } from "node:path";
import type { AccessPolicy } from "../facts/configuration/access-policy.ts";
import type { ProxyDoor } from "../facts/configuration/proxy.ts";
import { type Fact, knownValue, mapFact, stated, unknown, unstated } from "../facts/fact.ts";
import { repositoriesOf } from "../facts/image-repository.ts";
import { type Gatekeeper, gatekeeperAt, gatekeeperOfImage } from "../facts/knowledge/gatekeepers.ts";
import type { AskedAddress, AskedService, Delegation, SignIn } from "../facts/sign-in.ts";
import type { AnySubject, Ref, RepositoryFile, Route, Workload } from "../facts/subjects.ts";
import { System } from "../facts/system.ts";
import { decisionOf } from "../formats/authelia/decide.ts";
import type { Place } from "../lib/place.ts";
import type { Repository } from "../repository/repository.ts";
import { accessOf, type GuardFiles, guardFilesOf } from "./guard-files.ts";

/** The system with what those demand whom its proxies ask. The same system where none asks anybody. */
export function linkSignIns(system: System, repository: Repository | undefined): System {
  if (!system.subjects.some(asksOthers)) return system;
  const guards = new Guards(system, repository);
  const subjects = system.subjects.map((subject): AnySubject => {
    if (!asksOthers(subject)) return subject;
    if (subject.kind === "route") return { ...subject, ...answered(subject, subject.delegation, guards) };
    return subject.kind === "repository-file" ? withDoors(subject, guards) : subject;
  });
  const { name, lens, platform, problems } = system;
  return new System({ name, lens, platform, subjects, problems });
}

/** What one that is asked demands. */
type Answer =
  | { readonly signIn: SignIn; readonly says: string; readonly place: Place }
  /** It asks nobody for anything, and keeps others off. */
  | { readonly screens: string }
  /** A clause. */
  | { readonly doubt: string; readonly place: Place };

const strength: readonly SignIn[] = ["none", "application", "delegated", "single-factor", "two-factor"];

function asksOthers(subject: AnySubject): boolean {
  if (subject.kind === "route") return subject.delegation !== undefined;
  return subject.kind === "repository-file" && doorsOf(subject).some(({ delegation }) => delegation !== undefined);
}

function doorsOf({ configuration }: RepositoryFile): readonly ProxyDoor[] {
  return configuration?.software === "traefik" ? configuration.doors.items : [];
}

/** Routers to Traefik's own dashboard are doors of its configuration, where Traefik is no workload that is seen. */
function withDoors(file: RepositoryFile, guards: Guards): RepositoryFile {
  const { configuration } = file;
  if (configuration?.software !== "traefik") return file;
  const items = configuration.doors.items.map((door): ProxyDoor => {
    if (door.delegation === undefined || door.host === undefined) return door;
    const asked = { host: door.host, path: stated("/", door.place), target: unstated<never>(door.place) };
    const { authentication, delegation } = answered(asked, door.delegation, guards);
    return { ...door, delegation, signIn: mapFact(authentication, (signIn) => signIn !== "none") };
  });
  return { ...file, configuration: { ...configuration, doors: { ...configuration.doors, items } } };
}

/** What of a route it takes to know what is demanded on it. */
type AskedFor = Pick<Route, "host" | "path" | "target">;

function answered(
  route: AskedFor,
  delegation: Delegation | undefined,
  guards: Guards,
): Required<Pick<Route, "delegation">> & Pick<Route, "authentication"> {
  const { asked, besides }: Delegation = delegation ?? { asked: [], besides: unstated(route.host.place) };
  const answers = asked.map((each) => guards.answer(each, route));
  const told = answers.flatMap((answer) => ("signIn" in answer ? [answer] : []));
  // Each must let a request pass, so that the one that demands most decides.
  const most = told.toSorted((a, b) => strength.indexOf(b.signIn) - strength.indexOf(a.signIn))[0];
  const says = most === undefined ? {} : { says: most.says };
  return { authentication: combined(answers, most, besides), delegation: { asked, besides, ...says } };
}

function combined(
  answers: readonly Answer[],
  most: { readonly signIn: SignIn; readonly place: Place } | undefined,
  besides: Fact<SignIn>,
): Fact<SignIn> {
  const own = knownValue(besides);
  if (most !== undefined && most.signIn !== "none") {
    const isMore = own === undefined || strength.indexOf(most.signIn) > strength.indexOf(own);
    return isMore ? stated(most.signIn, most.place) : besides;
  }
  if (own !== undefined && own !== "none") return besides;
  const doubt = answers.flatMap((answer) => ("doubt" in answer ? [answer] : []))[0];
  if (doubt !== undefined) return unknown(doubt.doubt, doubt.place);
  if (besides.kind === "unknown" || most === undefined) return besides;
  return stated("none", most.place);
}

function keepsOut(answer: Answer): boolean {
  return "signIn" in answer && answer.signIn !== "none";
}

/** Rules that are compared with routes; more of them are nobody's configuration. */
const mostComparisons = 1_000_000;

class Guards {
  readonly #system: System;
  readonly #repository: Repository | undefined;
  readonly #files: GuardFiles | undefined;
  #comparisons = 0;
  #answering: ReadonlyMap<string, Ref<"workload">> | undefined;
  #byHost: ReadonlyMap<string | undefined, readonly Route[]> | undefined;
  /** What leads furthest towards an address: many routes ask one. */
  readonly #leading = new Map<string, Route | undefined>();

  constructor(system: System, repository: Repository | undefined) {
    this.#system = system;
    this.#repository = repository;
    this.#files = repository === undefined ? undefined : guardFilesOf(repository);
  }

  /** One that everybody gets past while it is down keeps out nobody who waits for that, or brings it about. */
  answer(service: AskedService, route: AskedFor): Answer {
    const { by, failsOpen } = service;
    const answer = this.#answer(service, route);
    if (failsOpen === undefined || knownValue(failsOpen) === false || !keepsOut(answer)) return answer;
    if (failsOpen.kind === "unknown") return { doubt: failsOpen.why, place: failsOpen.place };
    return { doubt: `\`${by}\` lets everybody through while nobody answers it`, place: failsOpen.place };
  }

  #answer({ by, address, workload, place }: AskedService, route: AskedFor): Answer {
    if (address.kind !== "stated") {
      const why = address.kind === "unknown" ? address.why : "it names nobody to ask";
      return { doubt: `whom \`${by}\` asks cannot be told: ${why}`, place: address.place };
    }
    const asked = address.value;
    const found = this.#guardAt(asked, workload, route);
    if ("doubt" in found) return { doubt: `\`${by}\` asks ${asked.host}, and ${found.doubt}`, place };
    const { keeper } = found;
    if (keeper.does === "screening") return { screens: keeper.name };
    const delegated: Answer = { signIn: "delegated", says: `${keeper.name} is asked who comes (\`${by}\`)`, place };
    if (keeper.name !== "Authelia") return delegated;
    const access = this.#accessOf(found);
    if (access === undefined) return delegated;
    this.#comparisons += access.rules.items.length;
    if (this.#comparisons > mostComparisons)
      return { doubt: "there are too many rules and routes to compare them all", place };
    return decisionOf(access, route);
  }

  #guardAt(asked: AskedAddress, ref: AskedService["workload"], route: AskedFor): Guard | { readonly doubt: string } {
    const known = ref ?? this.#known().get(`${asked.host}:${asked.port}`);
    const workload = (known && this.#system.workload(known)) ?? this.#routedTo(asked, route);
    if (workload !== undefined) return this.#asGuard(workload, asked);
    if (this.#isElsewhere(asked.host)) {
      const keeper = gatekeeperAt(asked.path);
      return keeper === undefined
        ? { doubt: `what it demands at \`${asked.path}\` is not known here` }
        : { keeper, workload: undefined, folder: undefined };
    }
    return this.#inOtherProject(asked);
  }

  /** Who answers at an address, as any route of the system has it: a door of a configuration names no workload. */
  #known(): ReadonlyMap<string, Ref<"workload">> {
    this.#answering ??= new Map(
      this.#system.all("route").flatMap(({ delegation }) =>
        (delegation?.asked ?? []).flatMap(({ address, workload }) => {
          const known = knownValue(address);
          return known === undefined || workload === undefined
            ? []
            : [[`${known.host}:${known.port}`, workload] as const];
        }),
      ),
    );
    return this.#answering;
  }

  #asGuard(workload: Workload, { path }: AskedAddress): Guard | { readonly doubt: string } {
    const shown = workload.place.kind === "file" ? workload.place.source.path : undefined;
    const folder = shown === undefined ? undefined : posix.dirname(this.#repository?.pathOf(shown) ?? shown);
    const repositories = repositoriesOf(workload, this.#system);
    const known = repositories.map((each) => gatekeeperOfImage(each, path)).find((each) => each !== undefined);
    const byPath = repositories.length === 0 ? gatekeeperAt(path) : undefined;
    return asGuard(known ?? (byPath && { ...byPath, decides: true }), path, { workload, folder });
  }

  /** A name of another project's service, on a network that both are on. */
  #inOtherProject({ host, path }: AskedAddress): Guard | { readonly doubt: string } {
    const services = this.#files?.named(host) ?? [];
    const [first] = services;
    if (first === undefined) return { doubt: "no service of that name is among these files" };
    if (services.length > 1) return { doubt: "several services of these files have that name" };
    const image = first.image?.replace(/@.*$/, "").replace(/:[^/]*$/, "");
    const keeper = image === undefined ? undefined : gatekeeperOfImage(image, path);
    return asGuard(keeper, path, { workload: undefined, folder: first.folder });
  }

  /** Whether a host is a name of the public kind, or an address: nothing that a file here would define. */
  #isElsewhere(host: string): boolean {
    if (host === "$host" || host === "localhost" || host.includes(":")) return true;
    const labels = host.split(".");
    // `authelia.security` is a Service with its namespace.
    const isService = labels[2] === "svc" || (this.#system.platform === "kubernetes" && labels.length === 2);
    return labels.length > 1 && !isService;
  }

  /** Where the name is one that a route of the same system leads from. */
  #routedTo({ host, path }: AskedAddress, route: AskedFor): Workload | undefined {
    const name = host === "$host" ? knownValue(route.host) : host;
    if (name === undefined || name === "*") return undefined;
    const first = this.#leadingTo(name, path);
    const isItself =
      first === undefined || knownValue(first.target)?.workload.name === knownValue(route.target)?.workload.name;
    return isItself ? undefined : this.#system.workloadOf(first);
  }

  /** The route of a host name with the longest path that takes in a given one. */
  #leadingTo(name: string, path: string): Route | undefined {
    const key = `${name}\0${path}`;
    if (this.#leading.has(key)) return this.#leading.get(key);
    this.#byHost ??= Map.groupBy(this.#system.all("route"), ({ host }) => knownValue(host));
    const [first] = (this.#byHost.get(name) ?? [])
      .filter((other) => isBelow(path, knownValue(other.path)))
      .toSorted((a, b) => (knownValue(b.path)?.length ?? 0) - (knownValue(a.path)?.length ?? 0));
    this.#leading.set(key, first);
    return first;
  }

  /** What its own configuration says; that of the repository, where there is one that can be meant. */
  #accessOf({ workload, folder }: Guard): AccessPolicy | undefined {
    const own = workload === undefined ? [] : this.#system.ownedBy(workload.ref, "repository-file");
    const mounted = own.flatMap((file) => {
      const access = accessOf(file);
      return access === undefined ? [] : [{ path: file.path, access }];
    });
    if (mounted.length > 0) return onlyOne(mounted)?.access;
    const all = this.#files?.authelias ?? [];
    const near = folder === undefined ? [] : all.filter(({ path }) => isWithin(path, folder));
    return onlyOne(near.length > 0 ? near : all)?.access;
  }
}

interface Guard {
  readonly keeper: Gatekeeper;
  readonly workload: Workload | undefined;
  /** Where it is described. */
  readonly folder: string | undefined;
}

function asGuard(
  keeper: (Gatekeeper & { readonly decides: boolean }) | undefined,
  path: string,
  around: Omit<Guard, "keeper">,
): Guard | { readonly doubt: string } {
  if (keeper === undefined) return { doubt: "what that service demands is not known here" };
  if (!keeper.decides) return { doubt: `\`${path}\` is no address at which ${keeper.name} decides` };
  return { keeper, ...around };
}

/** Of several the one with the name that Authelia looks for by itself. */
function onlyOne<T extends { readonly path: string }>(files: readonly T[]): T | undefined {
  if (files.length < 2) return files[0];
  const usual = files.filter(({ path }) => /(?:^|\/)configuration\.ya?ml$/i.test(path));
  return usual.length === 1 ? usual[0] : undefined;
}

function isBelow(path: string, above: string | undefined): boolean {
  if (above === undefined || above === "/") return true;
  return path === above || path.startsWith(`${above.replace(/\/$/, "")}/`);
}

function isWithin(path: string, folder: string): boolean {
  return folder === "" || folder === "." || path.startsWith(`${folder}/`);
}
