import { RingwallError } from "../../lib/error.ts";
import type { Secret } from "../../secrets/secret.ts";
import type { JsonServer } from "../http/json-server.ts";
import { retrying, type StoreSurroundings } from "../http/retrying.ts";
import { deadToken, type TokenScopes } from "./token-scopes.ts";

export const githubAddress = "https://api.github.com";

/**
 * What a token of GitHub may, from the header `X-OAuth-Scopes` of any answer
 * (https://docs.github.com/rest/authentication, API version 2022-11-28). Only classic and OAuth tokens have it; of a
 * fine-grained one, or of an app's, no request tells what it may, and that is said.
 */
export async function githubScopes(
  server: JsonServer,
  token: Secret,
  surroundings: StoreSurroundings,
): Promise<TokenScopes> {
  const headers = {
    authorization: `Bearer ${token.expose()}`,
    "x-github-api-version": "2022-11-28",
    "user-agent": "ringwall",
    accept: "application/vnd.github+json",
  };
  const answer = await retrying(() => server.request({ method: "GET", path: "/rate_limit", headers }), surroundings);
  if (answer.status === 401) throw deadToken("GitHub");
  if (answer.status !== 200) {
    throw new RingwallError("network", `GitHub at ${server.host} does not answer now (status ${answer.status}).`, {
      hint: "Wait a minute, then run the command again.",
    });
  }
  const scopes = one(answer.headers["x-oauth-scopes"]);
  const expires = expiryIn(one(answer.headers["github-authentication-token-expiration"]));
  if (scopes === undefined) {
    const incomplete = "GitHub tells the scopes of classic tokens alone; look at a fine-grained one in its settings";
    return { issuer: "GitHub", powers: [], incomplete, expires };
  }
  const powers = scopes
    .split(",")
    .map((scope) => scope.trim())
    .filter((scope) => scope !== "");
  return { issuer: "GitHub", powers: powers.sort(), incomplete: undefined, expires: expires ?? null };
}

function one(header: string | string[] | undefined): string | undefined {
  return Array.isArray(header) ? header.join(",") : header;
}

/** `2026-12-24 10:00:00 UTC`; also with an offset (`+0100`). */
function expiryIn(text: string | undefined): string | undefined {
  const time = text === undefined ? Number.NaN : Date.parse(text);
  return Number.isNaN(time) ? undefined : new Date(time).toISOString();
}
