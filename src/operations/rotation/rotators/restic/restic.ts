import { z } from "zod";
import type { HostProgram } from "../../../../contracts/rotator.ts";
import { RingwallError } from "../../../../lib/error.ts";
import { jsonOf } from "../../../../lib/json.ts";
import type { Secret } from "../../../../secrets/secret.ts";
import { withSecretFiles } from "../../../../secrets/secret-files.ts";

/** One key of a repository, as `restic key list --json` tells (restic 0.14 to 0.19). */
const keySchema = z.object({
  current: z.boolean(),
  id: z.string().min(1),
  userName: z.string().default(""),
  hostName: z.string().default(""),
});
export type ResticKey = z.infer<typeof keySchema>;

/** What came of opening a repository: its keys, or that the password opens none of them, or that nobody could look. */
export type Opened =
  | { readonly outcome: "open"; readonly keys: readonly ResticKey[] }
  | { readonly outcome: "refused" }
  | { readonly outcome: "unreachable"; readonly why: string };

/** The user that stands in restic's list of keys beside those that a rotation added. */
export const madeBy = "ringwall";

/** "wrong password" since restic 0.17 (`Exit status codes`, restic manual); before it was 1 with the sentence alone. */
const wrongPassword = 12;

/** The program `restic` on one repository. Passwords are given in files that lie in memory for the moment of the call. */
export class Restic {
  readonly #run: HostProgram;
  readonly #repository: string;

  constructor(run: HostProgram, repository: string) {
    this.#run = run;
    this.#repository = repository;
  }

  async open(password: Secret): Promise<Opened> {
    const result = await this.#call(["key", "list", "--json", "--no-lock"], { password });
    if (result.code === 0) return { outcome: "open", keys: parseKeys(result.stdout) };
    if (result.code === wrongPassword || /wrong password or no key found/i.test(result.stderr)) {
      return { outcome: "refused" };
    }
    return { outcome: "unreachable", why: lastLine(result.stderr) };
  }

  /** Adds a key; `host` stands in its list, so that who made it can be told. */
  async addKey(password: Secret, next: Secret, host: string): Promise<void> {
    const args = ["key", "add", "--user", madeBy, "--host", host];
    this.#demand(await this.#call(args, { password, next }), "add a key to");
  }

  async removeKey(password: Secret, id: string): Promise<void> {
    this.#demand(await this.#call(["key", "remove", id], { password }), "remove a key of");
  }

  #call(args: readonly string[], secrets: { password: Secret; next?: Secret }) {
    const given = secrets.next === undefined ? { password: secrets.password } : { ...secrets, next: secrets.next };
    return withSecretFiles(given, (paths) =>
      this.#run(
        "restic",
        [...args, "--quiet", ...(paths.next === undefined ? [] : ["--new-password-file", paths.next])],
        {
          environment: { RESTIC_REPOSITORY: this.#repository, RESTIC_PASSWORD_FILE: paths.password ?? "" },
          timeoutMs: 120_000,
        },
      ),
    );
  }

  #demand(result: { readonly code: number; readonly stderr: string }, what: string): void {
    if (result.code === 0) return;
    const locked = /already locked/i.test(result.stderr);
    throw new RingwallError(
      locked ? "conflict" : "engine-failed",
      `restic could not ${what} ${this.#repository}: ${lastLine(result.stderr)}`,
      {
        hint: locked
          ? "A backup or a check runs on it: wait until it ends, then run `ringwall rotate --resume`."
          : "See that the repository can be reached and written, then run `ringwall rotate --resume`.",
      },
    );
  }
}

function parseKeys(text: string): readonly ResticKey[] {
  const parsed = z.array(keySchema).safeParse(jsonOf(text));
  if (parsed.success) return parsed.data;
  throw new RingwallError("invalid", "restic told its keys in a form that this version of Ringwall does not know.", {
    hint: "Known are restic 0.14 to 0.19: see `restic version`.",
  });
}

function lastLine(text: string): string {
  return text.trim().split("\n").at(-1)?.slice(0, 300) || "it gave no reason.";
}
