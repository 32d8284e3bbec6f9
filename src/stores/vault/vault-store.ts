import { RingwallError } from "../../lib/error.ts";
import { inParallel } from "../../lib/in-parallel.ts";
import { Secret } from "../../secrets/secret.ts";
import { absentVersion, isSecretName, type SetOptions, type Store } from "../../secrets/store.ts";
import { type JsonAnswer, strange, Unanswered } from "../http/json-server.ts";
import { isPassing } from "../http/retrying.ts";
import {
  errorWords,
  isMountMissing,
  isSealed,
  listAnswer,
  metadataAnswer,
  readAnswer,
  refusal,
  writeAnswer,
} from "./answers.ts";
import type { VaultClient } from "./vault-client.ts";

export interface VaultPlace {
  /** Where a KV engine of version 2 is mounted: `secret`. */
  readonly mount: string;
  /** The folder in it: `ringwall/shop`. */
  readonly prefix: string;
  /** The key of the value within its secret; others are kept as they are. */
  readonly field: string;
}

/** The newest version of a secret as Vault holds it. */
interface Found {
  /** 0 where the path was never written, or its metadata was deleted. */
  readonly version: number;
  readonly created: string;
  /** Undefined where nothing is there, or the newest version is deleted or destroyed. */
  readonly fields: Readonly<Record<string, unknown>> | undefined;
}

const rounds = 8;

/**
 * Secrets in a KV engine of version 2, of Vault or OpenBao: each a secret of its own below the prefix, its value under
 * one field. Every write names the version that it follows (`cas`), so that none is written over unseen, and one that
 * was cut off is read back before it is tried again. The token needs `read`, `create` and `update` on
 * `MOUNT/data/PREFIX/*`, and `list`, `read` and `delete` on `MOUNT/metadata/PREFIX/*`.
 */
export class VaultStore implements Store {
  readonly description: string;
  readonly #client: VaultClient;
  readonly #place: VaultPlace;
  #mountChecked = false;

  constructor(client: VaultClient, place: VaultPlace) {
    this.#client = client;
    this.#place = place;
    this.description = `Vault at ${client.host}, ${place.mount}/${place.prefix}`;
  }

  async list(): Promise<readonly string[]> {
    const { mount, prefix } = this.#place;
    const what = `list ${mount}/${prefix}`;
    const answer = await this.#client.ask({ method: "GET", path: `/v1/${mount}/metadata/${prefix}?list=true` });
    if (answer.status === 404 && !isMountMissing(answer)) return [];
    if (answer.status !== 200) throw this.#refusal(answer, what);
    const names = this.#parsed(listAnswer, answer).data.keys.filter(isSecretName);
    // A secret whose newest version was deleted is listed all the same.
    const there = await inParallel(names, 4, async (name) => ((await this.#isThere(name)) ? [name] : []));
    return there.flat().sort();
  }

  async get(name: string): Promise<Secret | undefined> {
    const { fields } = await this.#read(name);
    if (fields === undefined) return undefined;
    const value = fields[this.#place.field];
    if (typeof value === "string") return new Secret(name, value);
    const others = Object.keys(fields).sort().join(", ");
    throw new RingwallError("invalid", `"${name}" in ${this.description} has no text under \`${this.#place.field}\`.`, {
      hint: others === "" ? "It is empty; set it again." : `It has: ${others}. Name the right one as \`field\`.`,
    });
  }

  async versionOf(name: string): Promise<string> {
    return versionIn(await this.#read(name));
  }

  async set(secret: Secret, { expectVersion }: SetOptions = {}): Promise<void> {
    this.#assertName(secret.name);
    await this.#checkMount();
    for (let round = 0; round < rounds; round++) {
      const before = await this.#read(secret.name);
      if (expectVersion !== undefined && versionIn(before) !== expectVersion) throw this.#changed(secret.name);
      const outcome = await this.#write(secret, before);
      if (outcome === "written") return;
      if (outcome === "overtaken" && expectVersion !== undefined) throw this.#changed(secret.name);
      await this.#client.surroundings.sleep(50 * (round + 1));
    }
    throw new RingwallError("network", `"${secret.name}" could not be set in ${this.description}.`, {
      hint: "It fails again and again, or others write it all the time; look at Vault's log, then run the command again.",
    });
  }

  async remove(name: string): Promise<void> {
    const path = this.#path("metadata", name);
    const answer = await this.#client.ask({ method: "DELETE", path });
    if (answer.status === 204 || answer.status === 200) return;
    if (answer.status === 404 && !isMountMissing(answer)) return;
    throw this.#refusal(answer, `delete "${name}" with all its versions`);
  }

  /** `overtaken`: somebody else wrote first. `failed`: nothing happened, and trying again may help. */
  async #write(secret: Secret, before: Found): Promise<"written" | "overtaken" | "failed"> {
    const data = { ...before.fields, [this.#place.field]: secret.expose() };
    const body = { options: { cas: before.version }, data };
    let answer: JsonAnswer;
    try {
      answer = await this.#client.once({ method: "POST", path: this.#path("data", secret.name), body });
    } catch (error) {
      if (!(error instanceof Unanswered)) throw error;
      // Nothing was sent: the same sentence as for a read that got through to nobody.
      if (!error.mayHaveActed) throw error;
      return await this.#whatBecameOf(secret, before);
    }
    if (answer.status === 200) {
      this.#parsed(writeAnswer, answer);
      return "written";
    }
    if (answer.status === 400 && errorWords(answer).includes("did not match the current version")) return "overtaken";
    if (isSealed(answer) || !isPassing(answer)) throw this.#refusal(answer, `write "${secret.name}"`);
    if (answer.status === 429) return "failed";
    return await this.#whatBecameOf(secret, before);
  }

  /** After a failure that tells nothing: whether the value that was sent is the version that was to come. */
  async #whatBecameOf(secret: Secret, before: Found): Promise<"written" | "overtaken" | "failed"> {
    const after = await this.#read(secret.name);
    if (after.version === before.version) return "failed";
    const next = after.version === before.version + 1 ? after : await this.#read(secret.name, before.version + 1);
    return next.fields?.[this.#place.field] === secret.expose() ? "written" : "overtaken";
  }

  async #read(name: string, version?: number): Promise<Found> {
    const query = version === undefined ? "" : `?version=${version}`;
    const answer = await this.#client.ask({ method: "GET", path: `${this.#path("data", name)}${query}` });
    if (answer.status === 200) {
      const { data, metadata } = this.#parsed(readAnswer, answer).data;
      return { version: metadata.version, created: metadata.created_time, fields: data ?? undefined };
    }
    if (answer.status !== 404 || isMountMissing(answer)) throw this.#refusal(answer, `read "${name}"`);
    const gone = readAnswer.safeParse(answer.body).data?.data.metadata;
    return { version: gone?.version ?? 0, created: gone?.created_time ?? "", fields: undefined };
  }

  async #isThere(name: string): Promise<boolean> {
    const answer = await this.#client.ask({ method: "GET", path: this.#path("metadata", name) });
    if (answer.status === 404) return false;
    // Without a right to metadata the secret itself tells as much.
    if (answer.status === 403) return (await this.#read(name)).fields !== undefined;
    if (answer.status !== 200) throw this.#refusal(answer, `read the metadata of "${name}"`);
    const { current_version, versions } = this.#parsed(metadataAnswer, answer).data;
    const newest = versions[String(current_version)];
    return newest !== undefined && newest.deletion_time === "" && !newest.destroyed;
  }

  /** Of an engine of version 1 the same requests would put secrets under paths that nobody looks at. */
  async #checkMount(): Promise<void> {
    if (this.#mountChecked) return;
    const { mount } = this.#place;
    const answer = await this.#client.ask({ method: "GET", path: `/v1/sys/internal/ui/mounts/${mount}` });
    const found = answer.status === 200 ? mountOf(answer.body) : undefined;
    // Where Vault does not tell, the shape of its answers does.
    if (found !== undefined && (found.type !== "kv" || found.version !== "2")) {
      throw new RingwallError(
        "invalid",
        `\`${mount}\` in Vault at ${this.#client.host} is no KV engine of version 2.`,
        {
          hint: `\`vault kv enable-versioning ${mount}\` makes one of a KV engine of version 1.`,
        },
      );
    }
    this.#mountChecked = true;
  }

  #path(kind: "data" | "metadata", name: string): string {
    this.#assertName(name);
    return `/v1/${this.#place.mount}/${kind}/${this.#place.prefix}/${name}`;
  }

  #assertName(name: string): void {
    if (isSecretName(name)) return;
    throw new RingwallError("usage", "A secret's name has lower-case letters, digits and dashes, letter first.");
  }

  #parsed<T>(
    schema: { safeParse(value: unknown): { success: true; data: T } | { success: false } },
    answer: JsonAnswer,
  ): T {
    const found = schema.safeParse(answer.body);
    if (found.success) return found.data;
    throw strange("a KV engine of version 2 of Vault", this.#client.host);
  }

  #refusal(answer: JsonAnswer, what: string): RingwallError {
    return refusal(answer, what, this.#client.host);
  }

  #changed(name: string): RingwallError {
    return new RingwallError("conflict", `"${name}" was changed by someone else in ${this.description}.`, {
      hint: "Look at what it is now, and set it again if yours is to count.",
    });
  }
}

/** With the time, since the numbers begin anew when a secret is deleted with its metadata. */
function versionIn({ version, created, fields }: Found): string {
  return fields === undefined ? absentVersion : `${version} of ${created}`;
}

function mountOf(body: unknown): { readonly type: unknown; readonly version: unknown } | undefined {
  const data = field(body, "data");
  const type = field(data, "type");
  return type === undefined ? undefined : { type, version: field(field(data, "options"), "version") };
}

function field(value: unknown, key: string): unknown {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>)[key] : undefined;
}
