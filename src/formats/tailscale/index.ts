import type { Named } from "../../facts/configuration/proxy.ts";
import { complete, type FactList, incomplete, knownValue } from "../../facts/fact.ts";
import { wholeFile } from "../../lib/place.ts";
import { mistakeIn } from "../as-far-as-read.ts";
import type { ConfigFacts, ConfigFormat, ConfigInput } from "../config-format.ts";
import { configurationFile } from "../configuration-file.ts";
import { parseJson } from "../json/parse.ts";
import { leadsOf, routeSubjects } from "../proxy/proxy-route.ts";
import { type Served, servedIn } from "./serve.ts";
import { wrongValues } from "./wrong-values.ts";

/**
 * What a node of a tailnet serves: to the devices of its tailnet, and by Funnel to everybody, though nothing is published
 * here. The container reads one such file, the one that `TS_SERVE_CONFIG` names.
 *
 * Source: Tailscale 1.90, `ipn/serve.go` (`ServeConfig`), `cmd/containerboot/serve.go` (strict JSON, `${TS_CERT_DOMAIN}`
 * stands for the node's own name), `ipn/ipnlocal/serve.go` (`expandProxyArg`); Tailscale's documentation, "Docker
 * configuration parameters" and "Tailscale Funnel" (ports 443, 8443 and 10000).
 */
export const tailscaleServeFormat: ConfigFormat = {
  name: "Tailscale serve configuration",
  mayBe: (path) =>
    /\.json$/i.test(path) &&
    /(?:serve|funnel|tailscale)[^/]*\.json$|(?:^|\/)(?:ts[-_.][^/]*|[^/]*[-_.]ts)\.json$|(?:^|\/)(?:config|tailscale|ts)\/[^/]+\.json$/i.test(
      path,
    ),
  recognises: (_path, text) =>
    /"(?:TCP|Web|Services)"\s*:\s*\{/i.test(text) && /"(?:Handlers|TCPForward)"\s*:|"HTTPS?"\s*:\s*true/i.test(text),
  leadsOn: true,
  readBy: { software: ["tailscale"], named: /tailscale|(?:^|[-_/])ts(?:$|[-_/])/i, places: /^\/config\/[^/]+\.json$/ },
  readsOthers: () => false,
  read,
};

function read(input: ConfigInput): ConfigFacts {
  const use = useOf(input);
  if (use === "not at all") return { subjects: [], problems: [], sources: [] };
  const { source, text } = input.file;
  const { root, problems } = parseJson(source, text);
  const place = wholeFile(source);
  const doubt = use.doubt ?? mistakeIn(problems);
  const served = root === undefined ? [] : servedIn(root, doubt);
  const routes = served.map(({ route }) => route);
  return {
    subjects: [
      ...routeSubjects(routes, input),
      configurationFile(input, { software: "tailscale", unverifiedUpstreams: unverified(served, place, doubt) }),
    ],
    problems: root === undefined ? problems : [...problems, ...wrongValues(root)],
    sources: [],
    leads: () => leadsOf(routes, input),
  };
}

/** Whether the container is told to read this one; `doubt` where it may be another. */
function useOf({ owner, inside, environment }: ConfigInput): "not at all" | { readonly doubt: string | undefined } {
  if (owner === undefined || inside === undefined || environment === undefined) return { doubt: undefined };
  const told = environment("TS_SERVE_CONFIG");
  if (told.kind === "unknown") return { doubt: `which file \`TS_SERVE_CONFIG\` names cannot be told, for ${told.why}` };
  const named = knownValue(told)?.reveal();
  return named === inside ? { doubt: undefined } : "not at all";
}

function unverified(
  served: readonly Served[],
  place: FactList<Named>["place"],
  doubt: string | undefined,
): FactList<Named> {
  const found = served.flatMap((each) => each.unverified ?? []);
  return doubt === undefined ? complete(found, place) : incomplete([], doubt, place);
}
