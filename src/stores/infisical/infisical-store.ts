import { RingwallError } from "../../lib/error.ts";
import { Secret } from "../../secrets/secret.ts";
import { absentVersion, isSecretName, type SetOptions, type Store } from "../../secrets/store.ts";
import { type JsonAnswer, type JsonRequest, type JsonServer, strange, Unanswered } from "../http/json-server.ts";
import { LeasedToken } from "../http/leased-token.ts";
import { isPassing, retrying, type StoreSurroundings } from "../http/retrying.ts";
import {
  changeAnswer,
  errorOf,
  isSecretMissing,
  isTokenRefused,
  listAnswer,
  refusal,
  secretAnswer,
} from "./answers.ts";
import { type InfisicalLogin, InfisicalTokens } from "./infisical-token.ts";

export interface InfisicalPlace {
  readonly projectId: string;
  /** The environment's slug: `prod`. */
  readonly environment: string;
  /** The folder: `/ringwall`. */
  readonly path: string;
}

interface Found {
  /** 0 where there is none. */
  readonly version: number;
  readonly id: string;
  readonly value: string | undefined;
}

const absent: Found = { version: 0, id: "", value: undefined };
const rounds = 6;

/**
 * Secrets of one folder of an Infisical project, under their own names, as shared secrets.
 *
 * Infisical knows no check-and-set: a version is compared before a change and again in what the change came to, so that
 * somebody else's value is not written over unseen, but may be written over in the same moment; that is told then. It
 * also cuts white space off both ends of a value, so that a value with any is refused rather than kept otherwise.
 */
export class InfisicalStore implements Store {
  readonly description: string;
  readonly #server: JsonServer;
  readonly #place: InfisicalPlace;
  readonly #token: LeasedToken;
  readonly #surroundings: StoreSurroundings;

  constructor(server: JsonServer, login: InfisicalLogin, place: InfisicalPlace, surroundings: StoreSurroundings) {
    this.#server = server;
    this.#place = place;
    this.#token = new LeasedToken(new InfisicalTokens(server, login, surroundings), surroundings.clock);
    this.#surroundings = surroundings;
    this.description = `Infisical at ${server.host}, ${place.environment}:${place.path}`;
  }

  async list(): Promise<readonly string[]> {
    const answer = await this.#ask({
      method: "GET",
      path: `/api/v4/secrets?${this.#query({ viewSecretValue: "false" })}`,
    });
    if (answer.status !== 200) throw this.#refusal(answer, `list ${this.#place.path}`);
    const names = this.#parsed(listAnswer, answer).secrets.map(({ secretKey }) => secretKey);
    return names.filter(isSecretName).sort();
  }

  async get(name: string): Promise<Secret | undefined> {
    const { value } = await this.#read(name);
    return value === undefined ? undefined : new Secret(name, value);
  }

  async versionOf(name: string): Promise<string> {
    return versionIn(await this.#read(name));
  }

  async set(secret: Secret, { expectVersion }: SetOptions = {}): Promise<void> {
    assertName(secret.name);
    assertKept(secret);
    for (let round = 0; round < rounds; round++) {
      const before = await this.#read(secret.name);
      if (expectVersion !== undefined && versionIn(before) !== expectVersion) throw this.#changed(secret.name);
      const outcome = await this.#write(secret, before, expectVersion !== undefined);
      if (outcome === "written") return;
      if (outcome === "overtaken" && expectVersion !== undefined) throw this.#changed(secret.name);
      await this.#surroundings.sleep(50 * (round + 1));
    }
    throw new RingwallError("network", `"${secret.name}" could not be set in ${this.description}.`, {
      hint: "It fails again and again; look at Infisical's log, then run the command again.",
    });
  }

  async remove(name: string): Promise<void> {
    const request: JsonRequest = {
      method: "DELETE",
      path: this.#path(name),
      body: { ...this.#body(), type: "shared" },
    };
    const answer = await this.#ask(request);
    if (isSecretMissing(answer)) return;
    if (answer.status !== 200) throw this.#refusal(answer, `delete "${name}"`);
    if (isRecord(answer.body) && "approval" in answer.body) throw this.#awaitsApproval(name);
  }

  async #write(secret: Secret, before: Found, expecting: boolean): Promise<"written" | "overtaken" | "failed"> {
    const isNew = before.value === undefined;
    let answer: JsonAnswer;
    try {
      answer = await this.#once({
        method: isNew ? "POST" : "PATCH",
        path: this.#path(secret.name),
        body: { ...this.#body(), type: "shared", secretValue: secret.expose() },
      });
    } catch (error) {
      if (!(error instanceof Unanswered) || !error.mayHaveActed) throw error;
      return await this.#whatBecameOf(secret, before);
    }
    if (answer.status === 200) return this.#judged(secret.name, before, answer, expecting);
    // Made, or removed, by somebody else since it was read.
    if (isNew && answer.status === 400 && /already exist/i.test(errorOf(answer).message)) return "overtaken";
    if (!isNew && isSecretMissing(answer)) return "overtaken";
    if (!isPassing(answer)) throw this.#refusal(answer, `write "${secret.name}"`);
    return answer.status === 429 ? "failed" : await this.#whatBecameOf(secret, before);
  }

  #judged(name: string, before: Found, answer: JsonAnswer, expecting: boolean): "written" {
    const change = this.#parsed(changeAnswer, answer);
    if ("approval" in change) throw this.#awaitsApproval(name);
    if (!expecting || change.secret.version === before.version + 1) return "written";
    throw new RingwallError("conflict", `Someone else changed "${name}" in ${this.description} in the same moment.`, {
      hint: "Their value was written over; it is in the secret's versions in Infisical. Look which one is to count.",
    });
  }

  /** After a failure that tells nothing: whether the value that was sent is there now. */
  async #whatBecameOf(secret: Secret, before: Found): Promise<"written" | "overtaken" | "failed"> {
    const after = await this.#read(secret.name);
    if (versionIn(after) === versionIn(before)) return "failed";
    return after.value === secret.expose() ? "written" : "overtaken";
  }

  async #read(name: string): Promise<Found> {
    const answer = await this.#ask({
      method: "GET",
      path: `${this.#path(name)}?${this.#query({ viewSecretValue: "true" })}`,
    });
    if (isSecretMissing(answer)) return absent;
    if (answer.status !== 200) throw this.#refusal(answer, `read "${name}"`);
    const { id, version, secretValue, secretValueHidden } = this.#parsed(secretAnswer, answer).secret;
    if (secretValueHidden === true) {
      throw new RingwallError("permission", `Infisical hides the value of "${name}" from this machine identity.`, {
        hint: "Give it a role that may read values in this environment and path, and not only describe them.",
      });
    }
    return { version, id, value: secretValue };
  }

  #ask(request: JsonRequest): Promise<JsonAnswer> {
    return retrying(() => this.#once(request), this.#surroundings);
  }

  /** A single time; after a refusal of the token once more with a new one. A refused request did nothing. */
  async #once(request: JsonRequest): Promise<JsonAnswer> {
    const token = await this.#token.current();
    const answer = await this.#send(request, token);
    if (!isTokenRefused(answer)) return answer;
    this.#token.giveUp(token);
    return await this.#send(request, await this.#token.current());
  }

  #send(request: JsonRequest, token: string): Promise<JsonAnswer> {
    return this.#server.request({ ...request, headers: { authorization: `Bearer ${token}` } });
  }

  #path(name: string): string {
    assertName(name);
    return `/api/v4/secrets/${name}`;
  }

  #body(): Record<string, string> {
    const { projectId, environment, path } = this.#place;
    return { projectId, environment, secretPath: path };
  }

  /** References in values (`${…}`) are left as they stand: they are text of the secret here. */
  #query(more: Record<string, string>): string {
    return new URLSearchParams({
      ...this.#body(),
      ...more,
      expandSecretReferences: "false",
      include_imports: "false",
    }).toString();
  }

  #parsed<T>(
    schema: { safeParse(value: unknown): { success: true; data: T } | { success: false } },
    answer: JsonAnswer,
  ): T {
    const found = schema.safeParse(answer.body);
    if (found.success) return found.data;
    throw strange("Infisical", this.#server.host);
  }

  #refusal(answer: JsonAnswer, what: string): RingwallError {
    return refusal(answer, what, this.#server.host);
  }

  #awaitsApproval(name: string): RingwallError {
    return new RingwallError(
      "permission",
      `The change of "${name}" waits for approval in Infisical; nothing changed yet.`,
      {
        hint: "Approve it there, or let this machine identity bypass the policy for this environment and path.",
      },
    );
  }

  #changed(name: string): RingwallError {
    return new RingwallError("conflict", `"${name}" was changed by someone else in ${this.description}.`, {
      hint: "Look at what it is now, and set it again if yours is to count.",
    });
  }
}

/** With the id, since the numbers begin anew when a secret is deleted and made again. */
function versionIn({ version, id, value }: Found): string {
  return value === undefined ? absentVersion : `${version} of ${id}`;
}

function assertName(name: string): void {
  if (isSecretName(name)) return;
  throw new RingwallError("usage", "A secret's name has lower-case letters, digits and dashes, letter first.");
}

/** `secret-router.ts`: every value is trimmed, but for one newline at its end. */
function assertKept(secret: Secret): void {
  const value = secret.expose();
  const kept = value.endsWith("\n") ? `${value.trim()}\n` : value.trim();
  if (kept === value) return;
  throw new RingwallError(
    "invalid",
    `Infisical would cut white space off the value of "${secret.name}"; it was not set.`,
    {
      hint: "Leave out the spaces and empty lines at its ends, or keep it in another store.",
    },
  );
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
