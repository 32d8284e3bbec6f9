/**
 * A Caddyfile as the configuration that Caddy makes of it. Source: `httptype.go` of Caddy 2.11; `caddy adapt` is the
 * oracle of the tests.
 */
import type { InputProblem } from "../../facts/system.ts";
import type { Place } from "../../lib/place.ts";
import type { CaddyAdmin, CaddyConfig, CaddyRoute } from "../caddy-json/model.ts";
import { numberOf } from "./arguments-of.ts";
import { type Adapting, blockRoutes } from "./directives.ts";
import { textOf } from "./matchers.ts";
import { directiveOrder } from "./order.ts";
import { type AutomaticHttps, type Site, serversOf } from "./servers.ts";
import { siteAddress } from "./site-address.ts";
import type { CaddyfileTree, Line, SiteBlock } from "./tree.ts";

export interface Adapted {
  readonly config: CaddyConfig;
  readonly problems: readonly InputProblem[];
}

export function adaptCaddyfile(tree: CaddyfileTree, place: Place): Adapted {
  const options = tree.options ?? [];
  const problems: InputProblem[] = [];
  let groups = 0;
  const adapting: Adapting = {
    order: directiveOrder(options),
    namedRoutes: new Set(tree.namedRoutes.keys()),
    complain: (at, message) => problems.push({ severity: "error", message, place: at }),
    nextGroup: () => `group${groups++}`,
  };
  complainOfNames(tree.sites, adapting);
  const sites = tree.sites.flatMap((block): Site[] => {
    const addresses = block.addresses.flatMap((token) => {
      const address = siteAddress(token);
      if (address === undefined) {
        adapting.complain(
          token.place,
          `"${token.text}" is no address of a site; expected a host name, a port (":8080"), or an address such as "https://example.org".`,
        );
      }
      return address ?? [];
    });
    const { lines } = block;
    return [{ addresses, lines, routes: blockRoutes(lines, new Map(), adapting, false), place: block.place }];
  });
  const named = new Map(
    [...tree.namedRoutes].map(([name, lines]) => [name, namedRoute(lines, adapting, place)] as const),
  );
  const ports = { http: optionNumber(options, "http_port") ?? 80, https: optionNumber(options, "https_port") ?? 443 };
  const servers = serversOf(sites, options, {
    ...ports,
    automatic: automaticHttps(options, adapting.complain),
    named,
    complain: adapting.complain,
  });
  const unseen = tree.incomplete ?? options.find((line) => line.unseen !== undefined)?.unseen;
  const config: CaddyConfig = {
    admin: adminOf(options, place),
    httpPort: ports.http,
    httpsPort: ports.https,
    servers,
    accessLog: logsRequests(tree, options),
    ...(unseen === undefined ? {} : { incomplete: unseen }),
    place: options[0]?.place ?? tree.sites[0]?.place ?? place,
  };
  return { config, problems };
}

/** Caddy refuses directives where a site's address belongs. */
function complainOfNames(sites: readonly SiteBlock[], { order, complain }: Adapting): void {
  for (const { addresses } of sites) {
    for (const { text, place, unresolved } of addresses) {
      if (unresolved !== undefined) continue;
      if (order.has(text) || text === "tls" || text === "log") {
        complain(
          place,
          `"${text}" is a directive, and stands where a site's address belongs; put it into a site's block.`,
        );
      }
    }
  }
}

/** A site's own `log`, or the option that asks for more in a log that it thereby turns on. */
function logsRequests({ sites }: CaddyfileTree, options: readonly Line[]): boolean {
  const servers = options.filter(({ name }) => name.text === "servers").flatMap(({ block }) => block ?? []);
  return (
    sites.some(({ lines }) => lines.some(({ name }) => name.text === "log")) ||
    servers.some(({ name }) => name.text === "log_credentials")
  );
}

function namedRoute(lines: readonly Line[], adapting: Adapting, place: Place): CaddyRoute {
  const at = lines[0]?.place ?? place;
  const routes = blockRoutes(lines, new Map(), adapting, false);
  return { matcherSets: [], handlers: [{ kind: "subroute", routes, place: at }], terminal: false, place: at };
}

function adminOf(options: readonly Line[], place: Place): CaddyAdmin {
  const line = options.findLast(({ name }) => name.text === "admin");
  const [listen] = line?.args ?? [];
  if (line === undefined) return { disabled: false, place: options[0]?.place ?? place };
  if (listen?.text === "off") return { disabled: true, place: line.place };
  return {
    disabled: false,
    listen: listen === undefined ? { text: "localhost:2019", place: line.place } : textOf(listen),
    place: line.place,
  };
}

/** Source: `parseOptAutoHTTPS` of Caddy 2.11. */
const automaticWords = new Set(["off", "disable_redirects", "disable_certs", "ignore_loaded_certs", "prefer_wildcard"]);

function automaticHttps(options: readonly Line[], complain: Adapting["complain"]): AutomaticHttps {
  const tokens = options.filter(({ name }) => name.text === "auto_https").flatMap(({ args }) => args);
  let doubt = tokens.find(({ unresolved }) => unresolved !== undefined)?.unresolved;
  for (const token of tokens) {
    if (token.unresolved !== undefined || automaticWords.has(token.text)) continue;
    doubt ??= `\`auto_https\` does not take \`${token.text.slice(0, 40)}\``;
    const hint = "it is on where the option is not written";
    complain(
      token.place,
      `"${token.text}" is nothing that auto_https takes, and Caddy does not start with it; ${hint}.`,
    );
  }
  const words = new Set(tokens.map(({ text }) => text));
  return {
    disabled: words.has("off"),
    redirectsDisabled: words.has("disable_redirects"),
    ...(doubt === undefined ? {} : { doubt }),
  };
}

function optionNumber(options: readonly Line[], key: string): number | undefined {
  return numberOf(options.findLast(({ name }) => name.text === key)?.args[0]);
}
