import { z } from "zod";
import { RingwallError } from "../../lib/error.ts";
import type { Secret } from "../../secrets/secret.ts";
import { type JsonAnswer, type JsonServer, strange } from "../http/json-server.ts";
import { retrying, type StoreSurroundings } from "../http/retrying.ts";
import { deadToken, type TokenScopes } from "./token-scopes.ts";

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

export const cloudflareAddress = "https://api.cloudflare.com";

/** `DNS Write on zone 0123`: how a power of a Cloudflare token is told. */
export function cloudflarePower(group: string, resource: string): string {
  return `${group} on ${resource.replace(/^com\.cloudflare\.api\.account\.zone\./, "zone ").replace(/^com\.cloudflare\.api\.account\./, "account ")}`;
}

/**
 * What a Cloudflare token may. Its details are shown to tokens with "API Tokens Read" alone, which it should not have
 * itself: `reader` is such a token, of the same user. Without one it is only told whether the token lives.
 */
export async function cloudflareScopes(
  server: JsonServer,
  token: Secret,
  surroundings: StoreSurroundings,
  reader?: Secret,
): Promise<TokenScopes> {
  const ask = (path: string, as: Secret): Promise<JsonAnswer> =>
    retrying(
      () => server.request({ method: "GET", path, headers: { authorization: `Bearer ${as.expose()}` } }),
      surroundings,
    );
  const verified = await ask("/client/v4/user/tokens/verify", token);
  if (verified.status === 400 || verified.status === 401 || verified.status === 403) throw deadToken("Cloudflare");
  if (verified.status !== 200) throw busy(server.host, verified.status);
  const found = verifyAnswer.safeParse(verified.body);
  if (!found.success) throw strange("Cloudflare", server.host);
  const { id, status, expires_on } = found.data.result;
  if (status !== "active") throw deadToken("Cloudflare");
  const details = await ask(`/client/v4/user/tokens/${encodeURIComponent(id)}`, reader ?? token);
  const read = details.status === 200 ? tokenAnswer.safeParse(details.body) : undefined;
  if (read?.success !== true) {
    const incomplete = "Cloudflare shows what a token may only to one with the permission to read API tokens";
    return { issuer: "Cloudflare", powers: [], incomplete, expires: expires_on ?? null };
  }
  return { issuer: "Cloudflare", ...powersOf(read.data.result.policies), expires: expires_on ?? null };
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
