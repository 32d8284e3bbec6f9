/** The `rule` of a router as facts. */
import { defaulted, type Fact, stated, unknown } from "../../facts/fact.ts";
import type { Route } from "../../facts/subjects.ts";
import type { Place } from "../../lib/place.ts";
import { option, textFact } from "./options.ts";
import type { Defined } from "./registry.ts";
import { type RuleWay, ruleWays } from "./rule.ts";

export interface RouteRule {
  readonly place: Place;
  readonly ways: readonly {
    readonly host: Fact<string>;
    readonly path: Fact<string>;
    readonly audience?: Route["audience"];
  }[];
}

/** The hosts and paths that a rule names, one way for each host. */
export function ruleOf(router: Defined): RouteRule {
  const node = option(router.node, "rule");
  const place = node?.place ?? firstPlace(router);
  const same = (fact: Fact<string>): RouteRule => ({ place, ways: [{ host: fact, path: fact }] });
  if (node === undefined)
    return same(unknown("the router has no rule here, and Traefik's own configuration makes one", place));
  const text = textFact(node, place);
  if (text.kind !== "stated") return same(text);
  const ways = ruleWays(text.value);
  if (ways === undefined) return same(unknown("the rule cannot be taken apart", place));
  const patterns = ways.some(({ others }) => others.some((name) => /^(?:Host|HostSNI)Regexp$/i.test(name)));
  if (patterns) return same(unknown("the rule compares with a regular expression", place));
  const byHost = new Map<string, RuleWay[]>();
  for (const way of ways) {
    for (const host of way.hosts.length === 0 ? ["*"] : way.hosts) byHost.set(host, [...(byHost.get(host) ?? []), way]);
  }
  return {
    place,
    ways: [...byHost].map(([host, own]) => ({
      host: stated(host.toLowerCase(), place),
      path: pathIn(own, place),
      ...clientsIn(own, place),
    })),
  };
}

function firstPlace({ node, place }: Defined): Place {
  return node.kind === "mapping" ? ([...node.entries.values()][0]?.value.place ?? place) : place;
}

function pathIn(ways: readonly RuleWay[], place: Place): Fact<string> {
  if (ways.some(({ others }) => others.some((name) => /^PathRegexp$/i.test(name))))
    return unknown("the rule compares with a regular expression", place);
  const paths = new Set(ways.flatMap((way) => way.paths));
  if (paths.size === 0 || ways.some((way) => way.paths.length === 0)) return defaulted("/", "platform", place);
  const [only] = paths;
  return paths.size === 1 && only !== undefined ? stated(only, place) : unknown("the rule names several paths", place);
}

/** `ClientIP` in every way of the rule limits who may come. */
function clientsIn(ways: readonly RuleWay[], place: Place): { readonly audience?: Route["audience"] } {
  if (!ways.every(({ clientRanges }) => clientRanges.length > 0)) return {};
  return {
    audience: stated({ kind: "networks", cidrs: [...new Set(ways.flatMap((way) => way.clientRanges))] }, place),
  };
}
