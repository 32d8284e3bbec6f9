import { z } from "zod";
import { RingwallError } from "../../lib/error.ts";
import type { Secret } from "../../secrets/secret.ts";
import { type JsonAnswer, type JsonServer, strange } from "../http/json-server.ts";
import { retrying, type StoreSurroundings } from "../http/retrying.ts";
import { compareScopes, deadToken, type ScopeComparison, type TokenScopes } from "./token-scopes.ts";

/** https://developers.cloudflare.com/api/resources/user/subresources/tokens/, of 2026. */
const verifyAnswer = z.object({
  result: z.object({
    id: z.string(),
    status: z.enum(["active", "disabled", "expired"]),
    expires_on: z.string().optional(),
  }),
});
const policy = z.object({
  effect: z.enum(["allow", "deny"]),
  permission_groups: z.array(z.object({ id: z.string(), name: z.string().optional() })),
  /** A resource to `*`, or to further resources below it. */
  resources: z.record(z.string(), z.unknown()),
});
const tokenAnswer = z.object({ result: z.object({ policies: z.array(policy), expires_on: z.string().optional() }) });

const zonesAnswer = z.object({ result: z.array(z.object({ id: z.string(), name: z.string() })) });

export const cloudflareAddress = "https://api.cloudflare.com/client/v4";

/** `DNS Write on zone 0123`: how a power of a Cloudflare token is told. */
export function cloudflarePower(group: string, resource: string): string {
  const named = resource
    .replace(/^com\.cloudflare\.api\.account\.zone\./, "zone ")
    .replace(/^com\.cloudflare\.api\.account\./, "account ")
    .replace(/^com\.cloudflare\.api\.user\./, "user ");
  return `${group} on ${named}`;
}

export interface CloudflareAsked {
  /** A token with "API Tokens Read" or "Write", of the same owner. */
  readonly reader?: Secret | undefined;
  /** The account that owns the token; its user when undefined. */
  readonly account?: string | undefined;
}

/**
 * What a Cloudflare token may. Its details are shown to tokens with "API Tokens Read" alone, which it should not have
 * itself: `reader` is such a token, of the same user. Without one it is only told whether the token lives.
 */
export async function cloudflareScopes(
  server: JsonServer,
  token: Secret,
  surroundings: StoreSurroundings,
  { reader, account }: CloudflareAsked = {},
): Promise<TokenScopes> {
  const tokens = `${account === undefined ? "/user" : `/accounts/${encodeURIComponent(account)}`}/tokens`;
  const verified = await ask(server, `${tokens}/verify`, token, surroundings);
  if (verified.status === 400 || verified.status === 401 || verified.status === 403) throw deadToken("Cloudflare");
  if (verified.status !== 200) throw busy(server.host, verified.status);
  const found = verifyAnswer.safeParse(verified.body);
  if (!found.success) throw strange("Cloudflare", server.host);
  const { id, status, expires_on } = found.data.result;
  if (status !== "active") throw deadToken("Cloudflare");
  const details = await ask(server, `${tokens}/${encodeURIComponent(id)}`, reader ?? token, surroundings);
  const read = details.status === 200 ? tokenAnswer.safeParse(details.body) : undefined;
  if (read?.success !== true) {
    const incomplete = "Cloudflare shows what a token may only to one with the permission to read API tokens";
    return { issuer: "Cloudflare", powers: [], incomplete, expires: expires_on ?? null };
  }
  return { issuer: "Cloudflare", ...powersOf(read.data.result.policies), expires: expires_on ?? null };
}

/** The id of a zone that the token sees; undefined for one that it does not see. */
export async function cloudflareZone(
  server: JsonServer,
  token: Secret,
  surroundings: StoreSurroundings,
  name: string,
): Promise<string | undefined> {
  const answer = await ask(server, `/zones?name=${encodeURIComponent(name)}`, token, surroundings);
  if (answer.status >= 500 || answer.status === 429) throw busy(server.host, answer.status);
  const found = answer.status === 200 ? zonesAnswer.safeParse(answer.body).data : undefined;
  return found?.result.find((zone) => zone.name === name)?.id;
}

function ask(server: JsonServer, path: string, as: Secret, surroundings: StoreSurroundings): Promise<JsonAnswer> {
  const headers = { authorization: `Bearer ${as.expose()}` };
  return retrying(() => server.request({ method: "GET", path, headers }), surroundings);
}

function powersOf(policies: readonly z.output<typeof policy>[]): Pick<TokenScopes, "powers" | "incomplete"> {
  const powers = policies
    .filter(({ effect }) => effect === "allow")
    .flatMap(({ permission_groups, resources }) =>
      permission_groups.flatMap(({ id, name }) =>
        resourcesIn(resources).map((resource) => cloudflarePower(name ?? id, resource)),
      ),
    );
  // What is denied again is not worked out: the list is then more than the token may.
  const incomplete = policies.some(({ effect }) => effect === "deny") ? "it also has policies that deny" : undefined;
  return { powers: [...new Set(powers)].sort(), incomplete };
}

/** `{ "…zone.abc": "*" }`, or one level deeper: `{ "…account.x": { "…zone.*": "*" } }`. */
function resourcesIn(resources: Readonly<Record<string, unknown>>): string[] {
  return Object.entries(resources).flatMap(([resource, below]) =>
    typeof below === "object" && below !== null ? Object.keys(below).map((inner) => inner) : [resource],
  );
}

function busy(host: string, status: number): RingwallError {
  return new RingwallError("network", `Cloudflare at ${host} does not answer now (status ${status}).`, {
    hint: "Wait a minute, then run the command again.",
  });
}

/** A token for the records of some zones, as a declaration names it. */
export interface CloudflareToken {
  readonly zones: readonly string[];
  readonly account?: string | undefined;
  /** Where the API answers. */
  readonly api?: string | undefined;
}

/** What DNS-01 needs on each of its zones and nowhere else. */
const forRecords = ["Zone Read", "DNS Write"];

/** A token for DNS-01 held against its zones. A zone that it does not see is one that it may not read. */
export async function compareCloudflareToken(
  server: JsonServer,
  token: Secret,
  surroundings: StoreSurroundings,
  asked: CloudflareToken & CloudflareAsked,
): Promise<ScopeComparison> {
  const found = await cloudflareScopes(server, token, surroundings, asked);
  const ids = new Map<string, string>();
  const unseen: string[] = [];
  for (const zone of asked.zones) {
    const id = await cloudflareZone(server, token, surroundings, zone);
    if (id === undefined) unseen.push(zone);
    else ids.set(id, zone);
  }
  if (unseen.length > 0) {
    // Which of its powers are for a zone whose id nobody told is not known: they are named, and not judged.
    const may = found.powers.length === 0 ? "" : ` It may: ${found.powers.join(", ")}.`;
    const detail = `The token does not see ${unseen.join(", ")}, so that it may not read what it is for.${may}`;
    return { verdict: "too-narrow", surplus: [], missing: unseen.map((zone) => `Zone Read on zone ${zone}`), detail };
  }
  // Ids are told as the names that a person knows.
  const powers = found.powers.map((power) => power.replace(/(?<= on zone )\S+$/, (id) => ids.get(id) ?? id));
  const needed = asked.zones.flatMap((zone) => forRecords.map((group) => `${group} on zone ${zone}`));
  return compareScopes({ ...found, powers }, needed);
}

/** A token that makes tokens, and needs nothing else: what it makes gets its own powers. */
export async function compareCloudflareIssuer(
  server: JsonServer,
  token: Secret,
  surroundings: StoreSurroundings,
  { account }: CloudflareAsked,
): Promise<ScopeComparison> {
  const found = await cloudflareScopes(server, token, surroundings, { account });
  const group = account === undefined ? "API Tokens Write on user " : `Account API Tokens Write on account ${account}`;
  const held = found.powers.filter((power) => (account === undefined ? power.startsWith(group) : power === group));
  return compareScopes(found, held.length > 0 ? held : [group.replace(/ on user $/, "")]);
}
