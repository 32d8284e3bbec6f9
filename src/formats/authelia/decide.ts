/**
 * What Authelia demands of those who come from outside by one route.
 *
 * Source: Authelia 4.39, "Access Control" and `internal/authorization`: the first rule counts of which domain, resource,
 * query, method and network fit; a rule with a subject fits whoever has not signed in, so that he must before it can be
 * told. `*.` takes in every name below, `{user}.` and `{group}.` some of them.
 */
import type { AccessLevel, AccessPolicy, AccessRule } from "../../facts/configuration/access-policy.ts";
import { type Fact, type FactList, knownValue } from "../../facts/fact.ts";
import { LinearPattern } from "../../lib/linear-pattern.ts";
import { describePlace, type Place } from "../../lib/place.ts";
import { isEverybody } from "../proxy/ranges.ts";
import { endingOf, hostOf, rulesFor } from "./rule-index.ts";

export type Decision =
  | { readonly signIn: "none" | "single-factor" | "two-factor"; readonly says: string; readonly place: Place }
  /** A clause. */
  | { readonly doubt: string; readonly place: Place };

/** A way in, as the proxy names it to the one that it asks. */
export interface AskedFor {
  readonly host: Fact<string>;
  readonly path: Fact<string>;
}

export function decisionOf(policy: AccessPolicy, asked: AskedFor): Decision {
  const { rules, otherwise } = policy;
  if (!rules.complete) return { doubt: `a rule of Authelia's cannot be told: ${rules.why}`, place: rules.place };
  const weighing = new Weighing();
  for (const rule of rulesFor(rules, asked.host)) {
    const fit = fitOf(rule, asked);
    if (fit === "no") continue;
    if (rule.level.kind === "unknown")
      return { doubt: `a rule of Authelia's cannot be told: ${rule.level.why}`, place: rule.place };
    const level = knownValue(rule.level) ?? "deny";
    if (fit === "always" && !rule.bySubject) return weighing.decide(level, rule.place);
    weighing.add(level, fit, rule);
  }
  if (otherwise.kind === "unknown")
    return { doubt: `Authelia's default policy cannot be told: ${otherwise.why}`, place: otherwise.place };
  return weighing.decide(knownValue(otherwise) ?? "deny", otherwise.place);
}

/** What the rules come to that are for some of the requests only, up to the one that is for all others. */
class Weighing {
  readonly #demands: { readonly level: "one-factor" | "two-factor"; readonly place: Place }[] = [];
  /** Where some requests pass without a sign-in. */
  #open: Place | undefined;
  /** Where some requests are asked for one. */
  #asked: Place | undefined;
  /** Whether nobody gets on who has not signed in. */
  #everybodyIsAsked = false;

  add(level: AccessLevel, fit: "always" | "partly", rule: AccessRule): void {
    const { place } = rule;
    if (level === "bypass") {
      if (!this.#everybodyIsAsked) this.#open ??= place;
      return;
    }
    if (level !== "deny") this.#demands.push({ level, place });
    if (fit === "partly") this.#asked ??= place;
    else this.#everybodyIsAsked = true;
  }

  decide(level: AccessLevel, place: Place): Decision {
    if (level === "bypass" && !this.#everybodyIsAsked) {
      if (this.#asked !== undefined)
        return { doubt: `Authelia asks for a sign-in on some requests only (${shown(this.#asked)})`, place };
      return { signIn: "none", says: `Authelia lets everybody pass (\`bypass\`, ${shown(place)})`, place };
    }
    if (this.#open !== undefined)
      return { doubt: `Authelia lets some requests pass without a sign-in (${shown(this.#open)})`, place: this.#open };
    return this.#strength(level, place);
  }

  #strength(level: AccessLevel, place: Place): Decision {
    const demands = [...this.#demands];
    if (level === "one-factor" || level === "two-factor") demands.push({ level, place });
    // Who has signed in but is not meant by a subject passes with what he has shown.
    if (level === "bypass") demands.push({ level: "one-factor", place });
    const weakest = demands.find((demand) => demand.level === "one-factor") ?? demands[0];
    if (weakest === undefined)
      return { signIn: "two-factor", says: `Authelia lets nobody pass (\`deny\`, ${shown(place)})`, place };
    return weakest.level === "one-factor"
      ? { signIn: "single-factor", says: `Authelia demands a sign-in (${shown(weakest.place)})`, place: weakest.place }
      : { signIn: "two-factor", says: `Authelia demands two factors (${shown(weakest.place)})`, place: weakest.place };
  }
}

/** The line is enough: the column of a policy says nothing. */
function shown(place: Place): string {
  return describePlace(place).replace(/:\d+$/, "");
}

type Fit = "always" | "partly" | "no";

/** Which of a route's requests from outside a rule is for. */
function fitOf(rule: AccessRule, { host, path }: AskedFor): Fit {
  const domain = domainFit(rule, host);
  const resource = domain === "no" ? "no" : pathFit(rule, path);
  if (domain === "no" || resource === "no") return "no";
  const network = networkFit(rule.networks);
  const method = methodFit(rule.methods);
  if (network === "no" || method === "no") return "no";
  const always = domain === "always" && resource === "always" && network === "always" && method === "always";
  return always && !rule.byQuery ? "always" : "partly";
}

function domainFit({ domains, domainPatterns }: AccessRule, host: Fact<string>): Fit {
  const lists = [domains, domainPatterns];
  if (lists.every((list) => list.complete && list.items.length === 0)) return "always";
  const known = hostOf(host);
  if (known === undefined || known === "*") return "partly";
  const fits = [
    ...domains.items.map((domain) => nameFit(domain.toLowerCase(), known)),
    ...parsedIn(domainPatterns).map((pattern) => patternFit(pattern, known)),
    ...lists.map((list): Fit => (list.complete ? "no" : "partly")),
  ];
  return widest(fits);
}

function nameFit(domain: string, host: string): Fit {
  const below = endingOf(domain);
  if (host.startsWith("*.")) {
    const within = host.slice(1);
    if (below !== undefined) return within.endsWith(below) ? (domain[0] === "*" ? "always" : "partly") : "no";
    return domain.endsWith(within) ? "partly" : "no";
  }
  if (below === undefined) return domain === host ? "always" : "no";
  if (!host.endsWith(below)) return "no";
  return domain.startsWith("*") ? "always" : "partly";
}

interface Parsed {
  readonly text: string;
  /** Undefined for one that cannot be read. */
  readonly pattern: LinearPattern | undefined;
}

/** Every route asks for the same patterns. */
const parsed = new WeakMap<FactList<string>, readonly Parsed[]>();

function parsedIn(list: FactList<string>): readonly Parsed[] {
  const known = parsed.get(list) ?? list.items.map((text) => ({ text, pattern: LinearPattern.parse(text) }));
  parsed.set(list, known);
  return known;
}

function patternFit({ text, pattern }: Parsed, host: string): Fit {
  if (host.startsWith("*.") || pattern === undefined) return "partly";
  if (!pattern.test(host)) return "no";
  return /\(\?P?<(?:User|Group)>/.test(text) ? "partly" : "always";
}

/** Paths that tell nothing about anybody, and that programs ask for who cannot sign in. */
const harmless =
  /^\^(?:\/[\w.-]+){0,4}\/(?:ping|health[\w-]*|ready|livez?|robots\.txt|favicon\.ico|manifest\.json|site\.webmanifest|\.well-known)(?:\/?(?:\.\*)?\$?)$/;

function pathFit({ paths, level }: AccessRule, path: Fact<string>): Fit {
  if (!paths.complete) return "partly";
  if (paths.items.length === 0) return "always";
  const isBypass = knownValue(level) === "bypass";
  const all = parsedIn(paths);
  const telling = isBypass ? all.filter(({ text }) => !harmless.test(text.replaceAll("\\", ""))) : all;
  return widest(telling.map((each) => resourceFit(each, knownValue(path))));
}

/** Endings that no pattern names by chance. */
const probes = ["", "q7", "q7/x", "q7/x.y?z=1"];

function resourceFit({ text, pattern }: Parsed, path: string | undefined): Fit {
  if (pattern === undefined) return "partly";
  const base = path === undefined || path === "/" ? "/" : `${path.replace(/[/*]+$/, "")}/`;
  if (probes.every((ending) => pattern.test(`${base}${ending}`))) return path === undefined ? "partly" : "always";
  const begins = /^\^((?:[\w/-]|\\[.\-/])*)/.exec(text)?.[1]?.replaceAll("\\", "");
  if (begins === undefined || base === "/" || text.includes("|")) return "partly";
  // A character before `?`, `*` or `{` need not be there.
  const sure = /^\^(?:[\w/-]|\\[.\-/])*[?*{]/.test(text) ? begins.slice(0, -1) : begins;
  return sure.startsWith(base.slice(0, -1)) || base.startsWith(sure) ? "partly" : "no";
}

/** A rule for some addresses says nothing of those who come from anywhere. */
function networkFit(networks: FactList<string>): Fit {
  if (!networks.complete) return "partly";
  return networks.items.length === 0 || networks.items.some(isEverybody) ? "always" : "no";
}

/** What browsers ask before they ask shows nothing. */
function methodFit(methods: FactList<string>): Fit {
  if (!methods.complete) return "partly";
  if (methods.items.length === 0) return "always";
  return methods.items.every((method) => method.toUpperCase() === "OPTIONS") ? "no" : "partly";
}

function widest(fits: readonly Fit[]): Fit {
  if (fits.includes("always")) return "always";
  return fits.includes("partly") ? "partly" : "no";
}
