import { declaredRotator, defineRotator } from "../../../../components/define-rotator.ts";
import type {
  Credential,
  CredentialCheck,
  Rotation,
  RotationOutline,
  RotationTools,
} from "../../../../contracts/rotator.ts";
import { RingwallError } from "../../../../lib/error.ts";
import { madeBy, Restic } from "./restic.ts";

/**
 * The password of a restic repository: a second key is added, proven to open the repository, and the first is removed.
 * restic's keys all wrap one master key, which stays: who has copied a key file and its password before can still read a
 * copy of the repository. After a compromise, a new repository is the remedy, and the outline says so.
 */
export const resticKey = defineRotator<string>({
  name: "restic-key",
  target: (secret) => declaredRotator(secret, "restic")?.repository,
  outline,
  begin: (repository, tools, secret) => new ResticKeyRotation(secret.name, repository, tools),
});

function outline(repository: string, consumers: readonly string[]): Omit<RotationOutline, "rotator"> {
  return {
    consumers,
    issuer: undefined,
    overlap: true,
    assisted: false,
    downtime: { milliseconds: 0, why: "The repository opens with both keys until the old one is removed." },
    group: `restic ${repository}`,
    stages: {
      stage: `add a key with the new password to ${repository}`,
      revoke: "remove the key of the old password; the master key stays, so after a compromise make a new repository",
      proof: `open ${repository} with the old password`,
    },
  };
}

class ResticKeyRotation implements Rotation {
  readonly #secret: string;
  readonly #repository: string;
  readonly #restic: Restic;
  readonly #tools: RotationTools;

  constructor(secret: string, repository: string, tools: RotationTools) {
    this.#secret = secret;
    this.#repository = repository;
    this.#restic = new Restic(tools.run, repository);
    this.#tools = tools;
  }

  async preflight(current: Credential | undefined): Promise<void> {
    if (current === undefined) {
      throw new RingwallError("secret-missing", `The password of ${this.#repository} is not in the store.`, {
        hint: "Set it first: `ringwall secrets set NAME`. A key is added with a password that opens the repository.",
      });
    }
    const check = await this.verify(current);
    if (check.outcome === "accepted") return;
    throw new RingwallError(
      check.outcome === "refused" ? "permission" : "network",
      `${this.#repository} cannot be opened: ${check.detail}`,
      {
        hint:
          check.outcome === "refused"
            ? "Set the password that opens it: `ringwall secrets set NAME`."
            : "See that the repository can be reached and that restic is installed.",
      },
    );
  }

  nextAccount(): undefined {
    return undefined;
  }

  async stage(next: Credential, current: Credential | undefined): Promise<void> {
    if ((await this.#restic.open(next.value)).outcome === "open" || current === undefined) return;
    await this.#restic.addKey(current.value, next.value, this.#tools.id);
  }

  async unstage(next: Credential, current: Credential | undefined): Promise<void> {
    if (current !== undefined) await this.#remove(next, current);
  }

  async verify({ value }: Credential): Promise<CredentialCheck> {
    const opened = await this.#restic.open(value);
    if (opened.outcome === "open") return { outcome: "accepted", detail: "the repository opened" };
    if (opened.outcome === "refused") return { outcome: "refused", detail: "restic: wrong password or no key found" };
    return { outcome: "unreachable", detail: opened.why };
  }

  async revoke(previous: Credential, next: Credential): Promise<void> {
    await this.#remove(previous, next);
  }

  /** Keys that a rotation added and that the present password does not open. */
  async orphans() {
    const password = await this.#tools.other(this.#secret);
    const opened = password === undefined ? undefined : await this.#restic.open(password);
    if (password === undefined || opened?.outcome !== "open") return [];
    return opened.keys
      .filter(({ current, userName }) => !current && userName === madeBy)
      .map(({ id, hostName }) => ({
        name: `key ${id.slice(0, 8)} of ${this.#repository}`,
        operation: hostName,
        remove: () => this.#restic.removeKey(password, id),
      }));
  }

  /** Removes the key that one password opens, with the other; nothing happens when it is gone already. */
  async #remove(gone: Credential, stays: Credential): Promise<void> {
    const opened = await this.#restic.open(gone.value);
    if (opened.outcome === "refused") return;
    if (opened.outcome === "unreachable") {
      throw new RingwallError("network", `${this.#repository} cannot be opened: ${opened.why}`);
    }
    const key = opened.keys.find(({ current }) => current);
    if (key === undefined) throw new RingwallError("invalid", "restic does not tell which key the password opened.");
    await this.#restic.removeKey(stays.value, key.id);
  }
}
