import type { CaddyText } from "../caddy-json/model.ts";
import type { Token } from "./tokens.ts";

/** An address before a site's block: `https://example.org:8443/path`. */
export interface SiteAddress {
  readonly scheme: "http" | "https" | "";
  /** Empty for every host. */
  readonly host: CaddyText;
  /** As written; empty where the scheme or the default decides. */
  readonly port: string;
  readonly path: string;
  readonly token: Token;
  /** Why scheme and port cannot be told: a variable is the whole address. */
  readonly open?: string;
}

/** Takes an address apart; undefined for what Caddy refuses. Source: `addresses.go` of Caddy 2.11. */
export function siteAddress(token: Token): SiteAddress | undefined {
  const { unresolved, place } = token;
  const hidden = unresolved === undefined ? {} : { unresolved };
  const match = /^(?:([A-Za-z][A-Za-z0-9+.-]*):\/\/)?([^/]*)(\/.*)?$/s.exec(token.text.trim());
  if (match === null) return undefined;
  const scheme = (match[1] ?? "").toLowerCase();
  if (scheme !== "" && scheme !== "http" && scheme !== "https") return undefined;
  const { host, port } = hostAndPort(match[2] ?? "");
  if (port !== "" && !/^\d{1,5}$/.test(port) && unresolved === undefined) return undefined;
  if (Number(port) > 65_535) return undefined;
  const whole = unresolved !== undefined && /^\{\$[^{}]*\}$/.test(token.text);
  return {
    scheme,
    host: { text: host.toLowerCase().replace(/^\[(.*)\]$/, "$1"), ...(host.includes("{$") ? hidden : {}), place },
    port,
    path: match[3] ?? "",
    token,
    ...(whole && unresolved !== undefined ? { open: unresolved } : {}),
  };
}

/** The last colon parts them, unless it is inside of brackets or of a placeholder, or the host is a bare IPv6 address. */
function hostAndPort(text: string): { readonly host: string; readonly port: string } {
  const colon = text.lastIndexOf(":");
  if (colon === -1 || text.indexOf("]", colon) !== -1 || text.indexOf("}", colon) !== -1)
    return { host: text, port: "" };
  const host = text.slice(0, colon);
  if (host.includes(":") && !host.startsWith("[")) return { host: text, port: "" };
  return { host, port: text.slice(colon + 1) };
}
