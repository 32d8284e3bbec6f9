import { sopsFormatOf } from "../../formats/sops/document/formats.ts";
import {
  decryptSops,
  encryptSops,
  keysOfSops,
  type SopsFile,
  setSopsValue,
  unsetSopsValue,
  valueTextOf,
} from "../../formats/sops/document/operations.ts";
import { RingwallError } from "../../lib/error.ts";
import type { Secret } from "../../secrets/secret.ts";
import { isSecretName, type SetOptions, type Store } from "../../secrets/store.ts";
import { assertEncrypted, assertName, assertVersion, versionOfText } from "./names.ts";
import { SopsFiles, type SopsFilesOptions } from "./sops-files.ts";

/**
 * Secrets in one SOPS file, YAML or JSON: a flat mapping of names to values, such as `secrets.sops.yaml` beside the
 * declaration. `sops` reads and edits the same file; what it or a person adds to it (comments, order, entries under
 * other names) stays as it is. Names can be listed without an identity, for SOPS does not encrypt them.
 */
export class SopsStore implements Store {
  readonly description: string;
  readonly #path: string;
  readonly #format: "yaml" | "json";
  readonly #files: SopsFiles;

  constructor(path: string, options: SopsFilesOptions) {
    const format = sopsFormatOf(path);
    if (format !== "yaml" && format !== "json") {
      throw new RingwallError(
        "unsupported",
        `${path} cannot hold secrets by name: its name ends neither in .yaml nor in .json.`,
        {
          hint: "Name it like secrets.sops.yaml.",
        },
      );
    }
    this.#path = path;
    this.#format = format;
    this.#files = new SopsFiles(options);
    this.description = `the SOPS file ${path}`;
  }

  async list(): Promise<readonly string[]> {
    const file = await this.#file();
    return file === undefined ? [] : keysOfSops(file).filter(isSecretName).sort();
  }

  async get(name: string): Promise<Secret | undefined> {
    assertName(name);
    const file = await this.#file();
    if (file === undefined || !keysOfSops(file).includes(name)) return undefined;
    return (await decryptSops(file, await this.#files.identities())).value([name]);
  }

  async versionOf(name: string): Promise<string> {
    assertName(name);
    const file = await this.#file();
    return versionOfText(file === undefined ? undefined : valueTextOf(file, [name]));
  }

  async set(secret: Secret, options: SetOptions = {}): Promise<void> {
    const { name } = secret;
    assertName(name);
    await this.#files.change(this.#path, async (text) => {
      const file = this.#fileOf(text);
      const version = versionOfText(file === undefined ? undefined : valueTextOf(file, [name]));
      assertVersion(name, version, this.description, options);
      const present = file ?? (await this.#empty());
      const after = await setSopsValue(present, await this.#files.identities(), [name], secret, this.#files.context);
      return assertEncrypted({ ...present, text: after }, [name]);
    });
  }

  async remove(name: string): Promise<void> {
    assertName(name);
    if (!(await this.list()).includes(name)) return;
    await this.#files.change(this.#path, async (text) => {
      const file = this.#fileOf(text);
      if (file === undefined) return undefined;
      return await unsetSopsValue(file, await this.#files.identities(), [name], this.#files.context);
    });
  }

  /** A file that holds nothing yet, for whom the rule names. */
  async #empty(): Promise<SopsFile> {
    const rule = await this.#files.ruleFor(this.#path);
    const content = this.#format === "json" ? "{}\n" : "";
    const plain = { path: this.#path, format: this.#format, content };
    const text = await encryptSops(plain, rule, this.#files.context);
    return { path: this.#path, format: this.#format, text };
  }

  async #file(): Promise<SopsFile | undefined> {
    return this.#fileOf(await this.#files.read(this.#path));
  }

  #fileOf(text: string | undefined): SopsFile | undefined {
    return text === undefined ? undefined : { path: this.#path, format: this.#format, text };
  }
}
