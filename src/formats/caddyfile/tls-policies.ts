import type { TlsPolicy } from "../caddy-json/model.ts";
import type { ServerSettings, Site } from "./servers.ts";
import type { SiteAddress } from "./site-address.ts";
import type { Line } from "./tree.ts";

/**
 * The TLS policies that Caddy writes for a server's sites: one for each `tls` that asks for something of connections, and
 * one for all names where nothing else would turn TLS on. Source: `serversFromPairings` of Caddy 2.11.
 */
export function tlsPoliciesOf(
  sites: readonly Site[],
  skip: ReadonlySet<string>,
  settings: ServerSettings,
): readonly TlsPolicy[] {
  const written = sites.flatMap((site) => site.lines.filter(isTls).map((line) => policyOf(line, site)));
  const kept = written.flatMap(({ policy, isPlain }) => (isPlain ? [] : [policy]));
  const catchAll = kept.at(-1)?.names.length === 0;
  const encrypted = sites.some((site) => site.addresses.some((address) => isEncrypted(address, site, skip, settings)));
  const byItself =
    !settings.automatic.disabled && sites.every((site) => site.addresses.every((each) => isAutomatic(each, settings)));
  if (!encrypted || catchAll || (kept.length === 0 && byItself)) return kept;
  const place = sites[0]?.place ?? { kind: "nowhere" as const, why: "no site" };
  return [...kept, { names: [], minimum: "1.2", clientCertificate: false, place }];
}

function isTls({ name }: Line): boolean {
  return name.text === "tls";
}

function isEncrypted(address: SiteAddress, site: Site, skip: ReadonlySet<string>, { http }: ServerSettings): boolean {
  const asked = site.lines.some(isTls) || (address.host.text !== "" && !skip.has(address.host.text));
  return address.scheme === "https" || (address.scheme !== "http" && address.port !== String(http) && asked);
}

function isAutomatic({ port, host }: SiteAddress, { http, https }: ServerSettings): boolean {
  return port === String(https) || (port !== String(http) && host.text !== "");
}

/** Lines of `tls` that change how connections are made; the others say where certificates come from. */
const connectionLines = new Set([
  "protocols",
  "ciphers",
  "curves",
  "alpn",
  "client_auth",
  "load",
  "insecure_secrets_log",
]);

function policyOf(line: Line, { addresses }: Site): { readonly policy: TlsPolicy; readonly isPlain: boolean } {
  const lines = line.block ?? [];
  const every = addresses.some(({ host }) => host.text === "");
  const [, key] = line.args;
  const minimum = lines.find(({ name }) => name.text === "protocols")?.args[0]?.text;
  return {
    policy: {
      names: every ? [] : addresses.map(({ host }) => host.text),
      minimum: minimum === "tls1.3" ? "1.3" : "1.2",
      clientCertificate: lines.some((each) => each.name.text === "client_auth" && demandsCertificate(each.block ?? [])),
      place: line.place,
    },
    // A certificate of one's own (`tls CERT KEY`) is told by a tag in the policy.
    isPlain: key === undefined && !lines.some(({ name }) => connectionLines.has(name.text)),
  };
}

/** Without a mode a client must show a certificate of the authority that is named. */
function demandsCertificate(lines: readonly Line[]): boolean {
  const mode = lines.find(({ name }) => name.text === "mode")?.args[0]?.text;
  if (mode !== undefined) return mode === "require" || mode === "require_and_verify";
  return lines.some(({ name }) => /^(?:trust|verifier)/.test(name.text));
}
