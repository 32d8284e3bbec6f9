import type { OpenDoorway } from "../../facts/configuration/service.ts";
import {
  complete,
  defaulted,
  type Fact,
  type FactList,
  incomplete,
  knownValue,
  stated,
  unknown,
  unstated,
} from "../../facts/fact.ts";
import type { InputProblem } from "../../facts/system.ts";
import { wholeFile } from "../../lib/place.ts";
import type { ConfigFacts, ConfigFormat, ConfigInput } from "../config-format.ts";
import { configurationFile } from "../configuration-file.ts";
import { asText, Fields, textItem } from "../fields.ts";
import { portOfAddress, portsIn } from "../own-ports.ts";
import { isFilledIn, refused } from "../refused.ts";
import { withMarks } from "../template/blank.ts";
import { parseToml } from "../toml/parse.ts";

/** Where gluetun looks for it unless `HTTP_CONTROL_SERVER_AUTH_CONFIG_FILEPATH` says otherwise. */
const usualPath = "/gluetun/auth/config.toml";

/**
 * gluetun: who may give its control server orders, by roles of `config.toml`.
 *
 * Source: gluetun 3.41, `internal/server/middlewares/auth` (`settings.go`: roles with `auth` of `none`, `apikey` or `basic`
 * and their routes, any other word keeps it from starting; `configfile.go`: TOML without unknown keys; `lookup.go`: a route
 * is open where one of its roles asks for nothing) and `internal/configuration/settings/server.go`
 * (`HTTP_CONTROL_SERVER_ADDRESS` is `:8000`).
 */
export const gluetunFormat: ConfigFormat = {
  name: "gluetun roles",
  mayBe: (path) => /(?:^|\/)auth\/[^/]+\.toml$|gluetun[^/]*(?:\/(?:[^/]+\/)*[^/]+)?\.toml$/i.test(path),
  recognises: (_path, text) =>
    /^[ \t]*\[\[roles\]\]/im.test(text) && /^[ \t]*routes[ \t]*=/im.test(text) && /^[ \t]*auth[ \t]*=/im.test(text),
  startsAt: /^\/gluetun\/auth\/config\.toml$/,
  readsOthers: () => false,
  read,
};

function read(input: ConfigInput): ConfigFacts {
  if (!isUsed(input)) return { subjects: [], problems: [], sources: [] };
  const { source, text } = input.file;
  const { root: tree, problems } = parseToml(source, text);
  const root = Fields.of(withMarks(tree, text), wholeFile(source), "the file");
  const roles = root.list("roles", (node) => ({ value: Fields.of(node, node.place, "a role") }));
  return {
    subjects: [configurationFile(input, { software: "gluetun", openDoors: doorsOf(roles), ports: portsOf(input) })],
    problems: [...problems, ...roles.items.flatMap(wrongMethod)],
    sources: [],
  };
}

function portsOf({ environment, file }: ConfigInput): Fact<readonly number[]> {
  const given = environment?.("HTTP_CONTROL_SERVER_ADDRESS");
  if (given?.kind === "unknown") return given;
  const address = given === undefined ? "" : (knownValue(given)?.reveal() ?? "");
  // A name of old releases.
  const port = environment?.("HTTP_CONTROL_SERVER_PORT");
  if (port !== undefined && port.kind !== "unstated") return unknown("`HTTP_CONTROL_SERVER_PORT` is set", port.place);
  return address === "" || given === undefined
    ? defaulted([8000], "program", wholeFile(file.source))
    : portsIn(portOfAddress(stated(address, given.place)));
}

function isUsed({ owner, inside, environment }: ConfigInput): boolean {
  if (owner === undefined || inside === undefined) return true;
  const told = environment?.("HTTP_CONTROL_SERVER_AUTH_CONFIG_FILEPATH");
  if (told?.kind === "unknown") return true;
  const named = told === undefined ? undefined : knownValue(told)?.reveal().trim();
  return inside === (named === undefined || named === "" ? usualPath : named);
}

const methods = /^(?:none|apikey|basic)$/;

function doorsOf(roles: FactList<Fields>): FactList<OpenDoorway> {
  const items: OpenDoorway[] = [];
  let why = roles.complete ? undefined : roles.why;
  for (const role of roles.items) {
    const method = role.fact("auth", asText, "a text", unstated);
    if (method.kind === "unknown") why ??= method.why;
    const named = knownValue(method);
    if (named === undefined || !methods.test(named)) why ??= "`auth` is no method that gluetun knows";
    if (named !== "none") continue;
    const routes = role.list(
      "routes",
      textItem((text) => ({ value: text })),
    );
    if (!routes.complete) why ??= routes.why;
    const door = doorBy(routes.items);
    const name = knownValue(role.fact("name", asText, "a text", unstated)) ?? "a role without a name";
    if (door !== undefined) items.push({ ...door, name, place: method.place });
  }
  return why === undefined ? complete(items, roles.place) : incomplete(items, why, roles.place);
}

/** What the gravest of the routes gives whoever comes; undefined where there is none. */
function doorBy(routes: readonly string[]): Pick<OpenDoorway, "what" | "allows"> | undefined {
  const order = routes.find((route) => /^(?:PUT|POST|DELETE|PATCH)\s|\/restart$/i.test(route.trim()));
  if (order !== undefined)
    return { what: `anybody gives its control server orders, such as \`${order}\``, allows: "orders" };
  const settings = routes.find((route) => /\/settings$/i.test(route.trim()));
  if (settings !== undefined)
    return { what: `anybody reads the VPN's settings from its control server, by \`${settings}\``, allows: "reading" };
  const [first] = routes;
  return first === undefined
    ? undefined
    : { what: `anybody reads from its control server, by \`${first}\``, allows: "figures" };
}

/** gluetun ends with an error then. */
function wrongMethod(role: Fields): readonly InputProblem[] {
  const method = role.fact("auth", asText, "a text", unstated);
  const text = knownValue(method);
  if (text === undefined || methods.test(text) || isFilledIn(text)) return [];
  const expected = "`apikey` with an `apikey`, or `basic` with a `username` and a `password`";
  return [refused("gluetun", "`auth` is no method that it knows", expected, method.place)];
}
