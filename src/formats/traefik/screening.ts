import { type Fact, knownValue, stated, unknown, unstated } from "../../facts/fact.ts";
import { gatekeeperAt } from "../../facts/knowledge/gatekeepers.ts";
import type { Route } from "../../facts/subjects.ts";
import type { Place } from "../../lib/place.ts";
import { askedAddress } from "../proxy/delegation.ts";
import type { Chain, Middleware } from "./middlewares.ts";
import { flagFact, option, textFact } from "./options.ts";

/** Middlewares that let somebody try passwords. */
const asksForSignIn: ReadonlySet<string> = new Set(["basicauth", "digestauth", "forwardauth"]);

/**
 * Whether a chain turns banned addresses away: the CrowdSec plugin, or a bouncer that `forwardAuth` asks. What is not
 * seen may be one.
 */
export function screeningOf({ middlewares, doubt }: Chain, place: Place): NonNullable<Route["screening"]> {
  let asked = false;
  let open: string | undefined;
  for (const middleware of middlewares) {
    const screens = isScreening(middleware);
    if (screens.kind === "unknown") open ??= screens.why;
    else if (knownValue(screens) === true) return stated(asked ? "late" : "first", middleware.place);
    else if (asksForSignIn.has(middleware.kind)) asked = true;
  }
  const why = open ?? doubt;
  return why === undefined ? unstated(place) : unknown(why, place);
}

function isScreening({ kind, node, place }: Middleware): Fact<boolean> {
  if (kind === "crowdsec") return turnsAway(node, place);
  if (kind !== "forwardauth") return stated(false, place);
  const address = textFact(option(node, "address"), place);
  if (address.kind === "unknown") return address;
  const asked = address.kind === "stated" ? knownValue(askedAddress(address.value, place)) : undefined;
  return stated(asked !== undefined && gatekeeperAt(asked.path)?.does === "screening", place);
}

/**
 * The plugin does nothing unless it is enabled, and with the mode `appsec` looks at requests and not at addresses.
 * Source: maxlerebourg/crowdsec-bouncer-traefik-plugin 1.4, README ("Enabled", "CrowdsecMode").
 */
function turnsAway(node: Middleware["node"], place: Place): Fact<boolean> {
  const enabled = flagFact(option(node, "enabled"), place);
  if (enabled.kind === "unknown") return enabled;
  const mode = textFact(option(node, "crowdsecMode"), place);
  if (mode.kind === "unknown") return mode;
  return stated(knownValue(enabled) === true && knownValue(mode)?.toLowerCase() !== "appsec", place);
}
