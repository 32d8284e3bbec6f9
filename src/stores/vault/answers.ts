import { z } from "zod";
import { RingwallError } from "../../lib/error.ts";
import type { JsonAnswer } from "../http/json-server.ts";

/**
 * What Vault answers, after its HTTP API (https://developer.hashicorp.com/vault/api-docs, Vault 1.21; OpenBao 2.4 is
 * the same in all of it): only what is used here, with everything else let be.
 */
const errorsSchema = z.object({ errors: z.array(z.string()) });

const secretMetadata = z.object({
  version: z.int(),
  created_time: z.string(),
  deletion_time: z.string(),
  destroyed: z.boolean(),
});

/** `GET MOUNT/data/PATH`: 200 with data; 404 with `data: null` and metadata for a version that was deleted or destroyed. */
export const readAnswer = z.object({
  data: z.object({ data: z.record(z.string(), z.unknown()).nullable(), metadata: secretMetadata }),
});

/** `POST MOUNT/data/PATH`. */
export const writeAnswer = z.object({ data: secretMetadata });

/** `GET MOUNT/metadata/PATH`. */
export const metadataAnswer = z.object({
  data: z.object({
    current_version: z.int(),
    versions: z.record(z.string(), z.object({ deletion_time: z.string(), destroyed: z.boolean() })),
  }),
});

/** `GET MOUNT/metadata/FOLDER?list=true`. */
export const listAnswer = z.object({ data: z.object({ keys: z.array(z.string()) }) });

/** `POST auth/approle/login` and `POST auth/token/renew-self`. */
export const loginAnswer = z.object({
  auth: z.object({ client_token: z.string().min(1), lease_duration: z.number().min(0), renewable: z.boolean() }),
});

/** `GET auth/token/lookup-self`. */
export const lookupAnswer = z.object({
  data: z.object({
    ttl: z.number().min(0),
    renewable: z.boolean().optional(),
    policies: z.array(z.string()).nullish(),
    identity_policies: z.array(z.string()).nullish(),
    expire_time: z.string().nullish(),
    num_uses: z.number().optional(),
    orphan: z.boolean().optional(),
    type: z.string().optional(),
  }),
});

/** The words of an error. They are looked at and never passed on: nobody promises that they repeat nothing of a request. */
export function errorWords({ body }: JsonAnswer): string {
  return errorsSchema.safeParse(body).data?.errors.join("\n") ?? "";
}

export function isSealed(answer: JsonAnswer): boolean {
  return answer.status === 503 && errorWords(answer).includes("sealed");
}

/** An answer of 404 that speaks of no such mount (or namespace), and not of a secret that is not there. */
export function isMountMissing(answer: JsonAnswer): boolean {
  return answer.status === 404 && errorWords(answer).includes("no handler for route");
}

/** What a person is told of an answer that is no success. `what` says what was asked: `read "token"`. */
export function refusal(answer: JsonAnswer, what: string, host: string): RingwallError {
  const { status } = answer;
  const say = (code: "network" | "permission" | "invalid" | "not-found" | "too-large", text: string, hint: string) =>
    new RingwallError(code, text, { hint });
  if (isSealed(answer)) {
    return say(
      "network",
      `Vault at ${host} is sealed.`,
      "Unseal it (`vault operator unseal`), then run the command again.",
    );
  }
  if (status === 472 || status === 473 || /standby|not active/.test(errorWords(answer))) {
    return say(
      "network",
      `Vault at ${host} is a standby that does not answer itself.`,
      "Name the active node, or an address that leads to it.",
    );
  }
  if (status === 403) {
    return say(
      "permission",
      `Vault does not let this token ${what}.`,
      "Look at its policies: `vault token capabilities PATH` tells what it may.",
    );
  }
  if (isMountMissing(answer)) {
    return say(
      "not-found",
      `Vault at ${host} has nothing mounted there: it could not ${what}.`,
      "Look at `mount` and `namespace` in the declaration, and at `vault secrets list`.",
    );
  }
  if (status === 429) {
    return say(
      "network",
      `Vault at ${host} takes no more requests now: a rate limit is reached.`,
      "Wait a minute, or raise its quota; then run the command again.",
    );
  }
  if (status === 413)
    return say(
      "too-large",
      `Vault could not ${what}: the request is too large for it.`,
      "Keep the value elsewhere, or raise `max_request_size`.",
    );
  if (status >= 500) {
    return say(
      "network",
      `Vault at ${host} failed inside (status ${status}); it could not ${what}.`,
      "Look at its log; then run the command again.",
    );
  }
  return say("invalid", `Vault refuses to ${what} (status ${status}).`, "Look at its audit log for why.");
}
