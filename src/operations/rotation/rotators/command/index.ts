import { access, constants } from "node:fs/promises";
import { isAbsolute } from "node:path";
import { declaredRotator, defineRotator } from "../../../../components/define-rotator.ts";
import type {
  Credential,
  CredentialCheck,
  Rotation,
  RotationOutline,
  RotationTools,
} from "../../../../contracts/rotator.ts";
import { RingwallError } from "../../../../lib/error.ts";
import { Secret } from "../../../../secrets/secret.ts";

type Programs = NonNullable<ReturnType<typeof declaredRotator<"command">>>;
type Role = Exclude<keyof Programs, "overlap">;

/** A program may talk to a slow service; after this it is ended. */
const longest = 120_000;
/** Not 1: a script that ends with that has failed for any reason, and a failure proves nothing. */
const refused = 10;

/**
 * A secret that programs of this host replace. Each gets the value as a line on standard input and the names of secret, stack and
 * operation in its environment, never a value in its arguments or its environment. Each must finish what it began when
 * it is run again with the same value. `verify` ends with 0 when the value works, with 10 when it is refused; anything
 * else is no answer. What programs print is not told: it may hold what they were given.
 */
export const commandRotator = defineRotator<Programs>({
  name: "command",
  target: (secret) => declaredRotator(secret, "command"),
  outline,
  begin: (programs, tools, secret, stack) => new CommandRotation(secret.name, stack.name, programs, tools),
});

function outline(programs: Programs, consumers: readonly string[]): Omit<RotationOutline, "rotator"> {
  const [stage = "", revoke = "", proof = ""] = [programs.stage[0], programs.revoke[0], programs.verify[0]];
  return {
    consumers,
    issuer: undefined,
    overlap: programs.overlap,
    assisted: false,
    downtime: programs.overlap
      ? { milliseconds: 0, why: "The declaration says that old and new work side by side." }
      : {
          milliseconds: 5_000 * Math.max(1, consumers.length),
          why: "The old value may end with `stage`: a guess of five seconds for each service that switches.",
        },
    group: undefined,
    stages: { stage: `run ${stage}`, revoke: `run ${revoke}`, proof: `run ${proof} with the old value` },
  };
}

class CommandRotation implements Rotation {
  readonly #secret: string;
  readonly #stack: string;
  readonly #programs: Programs;
  readonly #tools: RotationTools;
  readonly obtain?: () => Promise<Secret>;

  constructor(secret: string, stack: string, programs: Programs, tools: RotationTools) {
    this.#secret = secret;
    this.#stack = stack;
    this.#programs = programs;
    this.#tools = tools;
    if (programs.obtain !== undefined) this.obtain = () => this.#obtain();
  }

  async preflight(): Promise<void> {
    for (const role of ["stage", "verify", "revoke", "unstage", "obtain"] as const) {
      const program = this.#programs[role]?.[0];
      if (program === undefined || !isAbsolute(program)) continue;
      await access(program, constants.X_OK).catch(() => {
        throw new RingwallError(
          "not-found",
          `The program ${program}, which is to ${role} "${this.#secret}", cannot be run.`,
          {
            hint: "It must be there, with permission to execute it.",
          },
        );
      });
    }
  }

  nextAccount(current: Credential | undefined): string | undefined {
    return current?.account;
  }

  async stage(next: Credential): Promise<void> {
    await this.#demand("stage", next.value);
  }

  async unstage(next: Credential, current: Credential | undefined): Promise<void> {
    if (this.#programs.unstage !== undefined) await this.#demand("unstage", next.value);
    else if (this.#programs.overlap) await this.#demand("revoke", next.value);
    else if (current !== undefined) await this.#demand("stage", current.value);
  }

  async verify({ value }: Credential): Promise<CredentialCheck> {
    const code = await this.#run("verify", value);
    const program = this.#programs.verify[0] ?? "";
    if (code === 0) return { outcome: "accepted", detail: `${program} says that it works` };
    if (code === refused) return { outcome: "refused", detail: `${program} says that it is refused` };
    return { outcome: "unreachable", detail: `${program} ended with code ${code}, which is no answer` };
  }

  async revoke(previous: Credential): Promise<void> {
    await this.#demand("revoke", previous.value);
  }

  async #obtain(): Promise<Secret> {
    const words = this.#programs.obtain ?? [];
    const { code, stdout } = await this.#call(words, undefined);
    if (code !== 0) throw this.#failed("obtain", words, code);
    return new Secret(this.#secret, stdout.replace(/\r?\n$/, ""));
  }

  async #demand(role: Role, value: Secret): Promise<void> {
    const code = await this.#run(role, value);
    if (code !== 0) throw this.#failed(role, this.#programs[role] ?? [], code);
  }

  async #run(role: Role, value: Secret): Promise<number> {
    return (await this.#call(this.#programs[role] ?? [], value)).code;
  }

  #call(words: readonly string[], stdin: Secret | undefined) {
    const [program = "", ...args] = words;
    return this.#tools.run(program, args, {
      // A line, as shells read it.
      ...(stdin === undefined ? {} : { stdin: new Secret(this.#secret, `${stdin.expose()}\n`) }),
      environment: {
        RINGWALL_SECRET: this.#secret,
        RINGWALL_STACK: this.#stack,
        RINGWALL_OPERATION: this.#tools.id,
      },
      timeoutMs: longest,
    });
  }

  #failed(role: Role, words: readonly string[], code: number): RingwallError {
    const program = words[0] ?? "";
    return new RingwallError(
      "engine-failed",
      `${program}, which is to ${role} "${this.#secret}", ended with code ${code}.`,
      {
        hint: "What it printed is not shown, since it may hold the value: have it keep a log of its own.",
      },
    );
  }
}
