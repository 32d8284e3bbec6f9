import { type Fact, stated, unknown } from "../../facts/fact.ts";
import type { AskedAddress } from "../../facts/sign-in.ts";
import type { Upstream } from "../proxy/proxy-route.ts";
import { splitAddress } from "../proxy/proxy-route.ts";
import type { NginxDirective } from "./include.ts";
import type { Level } from "./level.ts";

/** Where `proxy_pass` and its like lead: a group that `upstream` names, or an address. */
export function upstreamsOf(pass: NginxDirective, level: Level): readonly Upstream[] {
  const [target] = pass.args;
  const place = target?.place ?? pass.place;
  if (target === undefined) return [{ kind: "unknown", why: "it names no address", place }];
  if (target.unresolved !== undefined) return [{ kind: "unknown", why: target.unresolved, place }];
  const filled = withVariables(target.text, level);
  if (filled === undefined) return [{ kind: "unknown", why: "a variable decides where it leads", place }];
  const { scheme, address } = partsOf(filled);
  const group = groupOf(address, level);
  if (group !== undefined) return group.flatMap((server) => member(server, scheme));
  return [addressOf(address, scheme, place)];
}

/**
 * The one address that a `proxy_pass` asks for a request of some path, of which `rest` stands behind what its location
 * names: a path of its own takes that one's place, and with a variable in it the whole one's. Of a group the first member
 * stands for all.
 */
export function addressOfPass(
  pass: NginxDirective,
  level: Level,
  { path: asked, rest }: { readonly path: string; readonly rest: string },
): Fact<AskedAddress> {
  const place = pass.args[0]?.place ?? pass.place;
  const [first] = upstreamsOf(pass, level);
  if (first?.kind === "unknown") return unknown(first.why, place);
  if (first?.kind !== "address") return unknown("it asks nobody", place);
  const written = pass.args[0]?.text ?? "";
  const filled = withVariables(written, level, true);
  const own = /^[a-z]+:\/\/[^/]*(\/.*)$/i.exec(filled ?? "")?.[1];
  const path = own === undefined || written.includes("$") ? own : `${own}${rest}`;
  return stated({ host: first.host, port: first.port, path: (path ?? asked).split(/[?#]/)[0] ?? asked }, place);
}

/** `https` where the upstream is spoken to over TLS. */
export function schemeOf(pass: NginxDirective, level: Level): string | undefined {
  const text = pass.args[0]?.text;
  const written = /^([a-z]+):\/\//i.exec(text ?? "")?.[1];
  if (written !== undefined) return written.toLowerCase();
  const filled = text === undefined ? undefined : withVariables(text, level);
  return filled === undefined ? undefined : partsOf(filled).scheme;
}

function partsOf(text: string): { readonly scheme: string; readonly address: string } {
  const match = /^([a-z]+):\/\/([^/]*)/i.exec(text);
  if (match === null) return { scheme: "", address: text };
  const unix = /^[a-z]+:\/\/unix:/i.test(text);
  return { scheme: (match[1] ?? "").toLowerCase(), address: unix ? "unix:" : (match[2] ?? "") };
}

/**
 * A text with the variables that `set` gives one value; undefined where another variable is in it. What stands behind the
 * address is cut off, unless the path is wanted too.
 */
function withVariables(text: string, level: Level, withPath = false): string | undefined {
  let filled = text;
  for (let round = 0; round < 5 && filled.includes("$"); round++) {
    // What stands behind the address changes nothing: `$request_uri`, `$1`.
    const written = filled.replace(/\$(?:request_uri|uri|is_args|args|\d).*$/s, "");
    const end = withPath ? written : (/^(?:[a-z$]\w*:\/\/)?[^/]*/i.exec(written)?.[0] ?? written);
    const next = end.replace(
      /\$\{?([A-Za-z_]\w{0,99})\}?/g,
      (written, name: string) => valueOfVariable(name, level) ?? written,
    );
    if (next === end) return next.includes("$") ? undefined : next;
    filled = next;
  }
  return filled.includes("$") ? undefined : filled;
}

function valueOfVariable(name: string, level: Level): string | undefined {
  for (const each of level.chain()) {
    const values = each.own("set").filter(({ args }) => args[0]?.text === `$${name}`);
    const value = values.at(-1)?.args[1];
    if (value !== undefined) return value.unresolved === undefined ? value.text : undefined;
  }
  return undefined;
}

function groupOf(name: string, level: Level): readonly NginxDirective[] | undefined {
  for (const each of level.chain()) {
    const group = each.ownWith("upstream", name);
    if (group !== undefined) return (group.block ?? []).filter((directive) => directive.name === "server");
  }
  return undefined;
}

function member({ args, place }: NginxDirective, scheme: string): readonly Upstream[] {
  const [address, ...options] = args;
  if (address === undefined || options.some(({ text }) => text === "down")) return [];
  if (address.unresolved !== undefined) return [{ kind: "unknown", why: address.unresolved, place }];
  // A member without a port is on 80, whatever is spoken with it.
  return [addressOf(address.text, scheme === "https" ? "http" : scheme, address.place)];
}

function addressOf(text: string, scheme: string, place: Upstream["place"]): Upstream {
  if (text.startsWith("unix:")) return { kind: "unknown", why: "it leads to a socket of the file system", place };
  const address = splitAddress(text, scheme === "https" || scheme === "grpcs" ? 443 : 80);
  if (address === undefined) return { kind: "unknown", why: `\`${text}\` is no address`, place };
  return { kind: "address", ...address, place };
}
