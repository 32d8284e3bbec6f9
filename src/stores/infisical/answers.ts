import { z } from "zod";
import { RingwallError } from "../../lib/error.ts";
import type { JsonAnswer } from "../http/json-server.ts";

/**
 * What Infisical answers, after its API (https://infisical.com/docs/api-reference, secrets v4, universal auth v1) and its
 * sources of 2026 (`backend/src/server/routes/v4/secret-router.ts`, `server/plugins/error-handler.ts`).
 */
export const loginAnswer = z.object({
  accessToken: z.string().min(1),
  expiresIn: z.coerce.number().min(0),
  accessTokenMaxTTL: z.coerce.number().min(0),
});

const secret = z.object({
  id: z.string(),
  secretKey: z.string(),
  secretValue: z.string(),
  version: z.int(),
  /** Set where the identity may see that the secret is there, and not its value. */
  secretValueHidden: z.boolean().optional(),
});

/** `GET /api/v4/secrets/NAME`. */
export const secretAnswer = z.object({ secret });

/** `POST` and `PATCH`; with an approval policy a request for a change is made, and the change is not. */
export const changeAnswer = z.union([
  z.object({ secret: z.object({ id: z.string(), version: z.int() }) }),
  z.object({ approval: z.looseObject({}) }),
]);

/** `GET /api/v4/secrets`: one folder, without pages. */
export const listAnswer = z.object({ secrets: z.array(z.object({ secretKey: z.string() })) });

const errorSchema = z.object({ message: z.unknown(), error: z.string().optional() });

/** The words of an error. They are looked at and never passed on: a refused value may stand in them. */
export function errorOf({ body }: JsonAnswer): { readonly kind: string; readonly message: string } {
  const found = errorSchema.safeParse(body).data;
  return { kind: found?.error ?? "", message: typeof found?.message === "string" ? found.message : "" };
}

/** A 404 for the secret itself; one for its folder, environment, project or for an API that is not there reads otherwise. */
export function isSecretMissing(answer: JsonAnswer): boolean {
  return answer.status === 404 && /^Secret\b/i.test(errorOf(answer).message);
}

/** The token has ended, was revoked or used up: signing in again may help. */
export function isTokenRefused(answer: JsonAnswer): boolean {
  return answer.status === 401 || (answer.status === 403 && errorOf(answer).kind === "TokenError");
}

/** What a person is told of an answer that is no success. `what` says what was asked: `read "token"`. */
export function refusal(answer: JsonAnswer, what: string, host: string): RingwallError {
  const { status } = answer;
  const say = (code: "network" | "permission" | "invalid" | "not-found", text: string, hint: string) =>
    new RingwallError(code, text, { hint });
  if (status === 401) {
    return say(
      "permission",
      `Infisical at ${host} does not accept the machine identity.`,
      "Issue a new client secret; after three wrong ones it is locked for some minutes.",
    );
  }
  if (status === 403) {
    return say(
      "permission",
      `Infisical does not let this machine identity ${what}.`,
      "Give it a role in the project that may, for this environment and path alone.",
    );
  }
  if (status === 404) {
    return say(
      "not-found",
      `Infisical at ${host} could not ${what}: the project, environment or folder is not there.`,
      "Look at `projectId`, `environment` and `path`; the API is v4, which older servers do not have.",
    );
  }
  if (status === 429) {
    return say(
      "network",
      `Infisical at ${host} takes no more requests now: a rate limit is reached.`,
      "Wait a minute, then run the command again.",
    );
  }
  if (status >= 500) {
    return say(
      "network",
      `Infisical at ${host} failed inside (status ${status}); it could not ${what}.`,
      "Look at its log; then run the command again.",
    );
  }
  return say(
    "invalid",
    `Infisical refuses to ${what} (status ${status}).`,
    "Look at its audit log, and at the project's policies for secrets.",
  );
}
