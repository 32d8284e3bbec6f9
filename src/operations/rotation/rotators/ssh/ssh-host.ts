import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { CredentialCheck, HostProgram } from "../../../../contracts/rotator.ts";
import { RingwallError } from "../../../../lib/error.ts";
import { Secret } from "../../../../secrets/secret.ts";
import { withSecretFiles } from "../../../../secrets/secret-files.ts";
import { type PublicKey, parsePublicKey } from "./authorized-keys.ts";

/** ssh itself failed, and not the command it ran (ssh(1), EXIT STATUS). */
const sshFailed = 255;
/** The file changed between reading and writing; chosen among codes that the shell does not use. */
const changedMeanwhile = 65;

export interface SshTarget {
  readonly user: string;
  /** `name` or `name:port`. */
  readonly host: string;
  /** A known_hosts file; the user's own when undefined. A host that it does not know is refused. */
  readonly knownHosts: string | undefined;
}

/** One account on one host, by the program `ssh`, with no key but the one that is given. */
export class SshHost {
  readonly #run: HostProgram;
  readonly #target: SshTarget;

  constructor(run: HostProgram, target: SshTarget) {
    this.#run = run;
    this.#target = target;
  }

  get name(): string {
    return `${this.#target.user}@${this.#target.host}`;
  }

  async tryKey(key: Secret): Promise<CredentialCheck> {
    const { code, stderr } = await this.#ssh(key, "true");
    if (code === 0) return { outcome: "accepted", detail: `${this.name} let it in` };
    const refused = code === sshFailed && /permission denied/i.test(stderr) && !/load key|invalid format/i.test(stderr);
    if (refused) return { outcome: "refused", detail: `${this.name} denied permission` };
    return { outcome: "unreachable", detail: `${this.name}: ${lastLine(stderr)}` };
  }

  async readKeys(key: Secret): Promise<string> {
    const { code, stdout, stderr } = await this.#ssh(key, "cat ~/.ssh/authorized_keys");
    if (code !== 0) throw this.#failure("cannot be read", stderr);
    return stdout;
  }

  /** Writes the file beside itself and renames, with the mode it had, if it still is what `before` was. */
  async writeKeys(key: Secret, before: string, after: string): Promise<void> {
    const sum = createHash("sha256").update(before).digest("hex");
    const script = [
      "cd ~/.ssh",
      "umask 077",
      "cat > authorized_keys.ringwall",
      `[ "$(sha256sum < authorized_keys | cut -c1-64)" = ${sum} ] || { rm -f authorized_keys.ringwall; exit ${changedMeanwhile}; }`,
      'chmod "$(stat -c %a authorized_keys)" authorized_keys.ringwall',
      "sync authorized_keys.ringwall 2>/dev/null || true",
      "mv authorized_keys.ringwall authorized_keys",
    ].join(" && ");
    const { code, stderr } = await this.#ssh(key, script, new Secret("authorized_keys", after));
    if (code === changedMeanwhile) {
      throw new RingwallError("conflict", `authorized_keys of ${this.name} was changed by somebody else meanwhile.`, {
        hint: "Nothing was written there: run `ringwall rotate --resume`.",
      });
    }
    if (code !== 0) throw this.#failure("cannot be written", stderr);
  }

  #failure(what: string, stderr: string): RingwallError {
    return new RingwallError("network", `authorized_keys of ${this.name} ${what}: ${lastLine(stderr)}`, {
      hint: "See that the host runs, that known_hosts knows it, and that the key in the store lets you in.",
    });
  }

  #ssh(key: Secret, command: string, stdin?: Secret) {
    const { user, host, knownHosts } = this.#target;
    const port = /^(?<name>[^:]+|\[.*\]):(?<port>\d+)$/.exec(host)?.groups;
    const options = [
      "BatchMode=yes",
      "IdentitiesOnly=yes",
      "IdentityAgent=none",
      "PasswordAuthentication=no",
      "KbdInteractiveAuthentication=no",
      "StrictHostKeyChecking=yes",
      "ConnectTimeout=10",
      "ControlPath=none",
      ...(knownHosts === undefined ? [] : [`UserKnownHostsFile=${knownHosts}`, "GlobalKnownHostsFile=none"]),
    ].flatMap((option) => ["-o", option]);
    return withSecretFiles({ key }, (paths) =>
      this.#run(
        "ssh",
        [
          ...options,
          ...["-i", paths.key ?? "", "-p", port?.port ?? "22", "-l", user],
          "--",
          (port?.name ?? host).replace(/^\[|\]$/g, ""),
          command,
        ],
        { timeoutMs: 30_000, ...(stdin === undefined ? {} : { stdin }) },
      ),
    );
  }
}

/** A new Ed25519 key without a passphrase, as OpenSSH writes it (ssh-keygen(1)). */
export async function makeKey(run: HostProgram, name: string, comment: string): Promise<Secret> {
  return withSecretFiles({}, async (_paths, folder) => {
    const path = join(folder, "key");
    const made = await run("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", comment, "-f", path]);
    if (made.code === 0) return new Secret(name, await readFile(path, "utf8"));
    throw new RingwallError("not-found", "ssh-keygen made no key.", { hint: "Install OpenSSH's client." });
  });
}

/** The public half of a private key. */
export async function publicKeyOf(run: HostProgram, key: Secret): Promise<PublicKey> {
  const { code, stdout } = await withSecretFiles({ key }, (paths) =>
    run("ssh-keygen", ["-y", "-P", "", "-f", paths.key ?? ""]),
  );
  const parsed = code === 0 ? parsePublicKey(stdout) : undefined;
  if (parsed !== undefined) return parsed;
  throw new RingwallError("invalid", `The secret ${key.name} is no private SSH key that opens without a passphrase.`, {
    hint: "Set one: `ssh-keygen -t ed25519 -N '' -f key`, then `ringwall secrets set NAME --file key`.",
  });
}

function lastLine(text: string): string {
  return text.trim().split("\n").at(-1)?.slice(0, 300) || "no answer";
}
