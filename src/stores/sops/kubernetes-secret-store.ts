import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import type { EncryptionRule } from "../../formats/sops/document/encryption-rule.ts";
import {
  decryptSops,
  encryptSops,
  keysOfSops,
  type SopsFile,
  setSopsValue,
  valueTextOf,
} from "../../formats/sops/document/operations.ts";
import type { PlainFile } from "../../formats/sops/document/plain-file.ts";
import { makeFolder, syncFolder, writeFailure } from "../../lib/atomic-write.ts";
import { RingwallError } from "../../lib/error.ts";
import { isMissing, isSystemError } from "../../lib/system-error.ts";
import { Secret } from "../../secrets/secret.ts";
import { isSecretName, type SetOptions, type Store } from "../../secrets/store.ts";
import { assertEncrypted, assertName, assertVersion, versionOfText } from "./names.ts";
import { SopsFiles, type SopsFilesOptions } from "./sops-files.ts";

const suffix = ".sops.yaml";
/** Flux decrypts these two and leaves the rest to be read by everybody. */
const encryptedRegex = "^(data|stringData)$";

export interface KubernetesSecretOptions extends SopsFilesOptions {
  /** The namespace that is written into manifests; none where left out, for a kustomization to set. */
  readonly namespace?: string;
  /** The key of the value within its Secret. */
  readonly key?: string;
}

/**
 * Secrets as manifests of Kubernetes, one `Secret` each in `NAME.sops.yaml`, encrypted so that Flux applies them: names
 * and metadata stand in clear text, `data` and `stringData` are encrypted. A manifest that is there already keeps what
 * else it says; its value is read from `stringData` or, in base64, from `data`.
 */
export class KubernetesSecretStore implements Store {
  readonly description: string;
  readonly #folder: string;
  readonly #key: string;
  readonly #namespace: string | undefined;
  readonly #files: SopsFiles;

  constructor(folder: string, options: KubernetesSecretOptions) {
    this.#folder = folder;
    this.#key = options.key ?? "value";
    if (!/^[A-Za-z0-9._-]{1,253}$/.test(this.#key)) {
      throw new RingwallError("usage", "A key of a Secret has letters, digits, dots, dashes and underscores.");
    }
    this.#namespace = options.namespace;
    this.#files = new SopsFiles(options);
    this.description = `Kubernetes Secrets in ${folder}`;
  }

  async list(): Promise<readonly string[]> {
    const names = await readdir(this.#folder).catch((error: unknown) => {
      if (isMissing(error)) return [];
      throw new RingwallError("unreadable", `${this.#folder} cannot be read.`, { cause: error });
    });
    const secrets = names.filter((name) => name.endsWith(suffix)).map((name) => name.slice(0, -suffix.length));
    return secrets.filter(isSecretName).sort();
  }

  async get(name: string): Promise<Secret | undefined> {
    const file = await this.#file(name);
    const place = file === undefined ? undefined : this.#placeIn(file);
    if (file === undefined || place === undefined) return undefined;
    return valueIn(await decryptSops(file, await this.#files.identities()), place, name, file.path);
  }

  async versionOf(name: string): Promise<string> {
    const file = await this.#file(name);
    return versionOfText(file === undefined ? undefined : this.#textIn(file));
  }

  async set(secret: Secret, options: SetOptions = {}): Promise<void> {
    const path = this.#pathOf(secret.name);
    await makeFolder(this.#folder, 0o755);
    await this.#files.change(path, async (text) => {
      const file = fileOf(path, text);
      const version = versionOfText(file === undefined ? undefined : this.#textIn(file));
      assertVersion(secret.name, version, this.description, options);
      const present = file ?? (await this.#empty(secret.name));
      const place = this.#placeIn(present) ?? { section: "stringData", key: this.#key };
      const value = place.section === "data" ? base64(secret) : secret;
      const at = [place.section, place.key];
      const after = await setSopsValue(present, await this.#files.identities(), at, value, this.#files.context);
      return assertEncrypted({ ...present, text: after }, at);
    });
  }

  async remove(name: string): Promise<void> {
    const path = this.#pathOf(name);
    if ((await this.#files.read(path)) === undefined) return;
    await this.#files.locked(async () => {
      try {
        await rm(path, { force: true });
      } catch (error) {
        throw isSystemError(error) ? writeFailure(path, error) : error;
      }
      await syncFolder(this.#folder);
    });
  }

  async #empty(name: string): Promise<SopsFile> {
    const path = this.#pathOf(name);
    const rule: EncryptionRule = await this.#files.ruleFor(path);
    const content = manifest(name, this.#namespace);
    const selectors = { encrypted_regex: encryptedRegex };
    // What Flux needs is not left to a rule that was written for other files.
    const text = await encryptSops({ path, format: "yaml", content }, { ...rule, selectors }, this.#files.context);
    return { path, format: "yaml", text };
  }

  #placeIn(file: SopsFile): SecretPlace | undefined {
    for (const section of ["stringData", "data"] as const) {
      const keys = keysOfSops(file, [section]);
      if (keys.includes(this.#key)) return { section, key: this.#key };
    }
    // A manifest with one value has it under a name of its own.
    const all = (["stringData", "data"] as const).flatMap((section) =>
      keysOfSops(file, [section]).map((key) => ({ section, key })),
    );
    return all.length === 1 ? all[0] : undefined;
  }

  #textIn(file: SopsFile): string | undefined {
    const place = this.#placeIn(file);
    return place === undefined ? undefined : valueTextOf(file, [place.section, place.key]);
  }

  async #file(name: string): Promise<SopsFile | undefined> {
    const path = this.#pathOf(name);
    return fileOf(path, await this.#files.read(path));
  }

  #pathOf(name: string): string {
    assertName(name);
    return join(this.#folder, `${name}${suffix}`);
  }
}

interface SecretPlace {
  readonly section: "data" | "stringData";
  readonly key: string;
}

function fileOf(path: string, text: string | undefined): SopsFile | undefined {
  return text === undefined ? undefined : { path, format: "yaml", text };
}

function manifest(name: string, namespace: string | undefined): string {
  const within = namespace === undefined ? "" : `  namespace: ${JSON.stringify(namespace)}\n`;
  return `apiVersion: v1\nkind: Secret\nmetadata:\n  name: ${name}\n${within}type: Opaque\n`;
}

function base64(secret: Secret): Secret {
  return new Secret(secret.name, Buffer.from(secret.expose(), "utf8").toString("base64"));
}

function valueIn(plain: PlainFile, place: SecretPlace, name: string, path: string): Secret | undefined {
  const found = plain.value([place.section, place.key]);
  if (found === undefined || place.section === "stringData") {
    return found === undefined ? undefined : new Secret(name, found.expose());
  }
  const bytes = Buffer.from(found.expose().replace(/\s/g, ""), "base64");
  try {
    return new Secret(name, new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes));
  } catch {
    throw new RingwallError("invalid", `The value of ${name} in ${path} is no text.`, {
      hint: "Ringwall keeps texts; keep other files elsewhere.",
    });
  }
}
