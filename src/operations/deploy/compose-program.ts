import { RingwallError } from "../../lib/error.ts";
import type { ProgramOptions, ProgramResult, RunProgram } from "../../lib/run-program.ts";

/** The installed `docker compose`, on one project's rendered folder. */
export class ComposeProgram {
  readonly #run: RunProgram;
  readonly #project: string;
  /** The rendered folder, absolute; it holds `compose.yaml`. */
  readonly folder: string;
  readonly #redact: (text: string) => string;

  constructor(run: RunProgram, project: string, folder: string, redact: (text: string) => string = (text) => text) {
    this.#run = run;
    this.#project = project;
    this.folder = folder;
    this.#redact = redact;
  }

  /** Runs one subcommand; a failure is an error with the last lines that it printed. */
  async run(args: readonly string[], options: ProgramOptions & { readonly progress?: (text: string) => void } = {}) {
    // Compose asks before it makes a volume anew whose labels differ, and loses its data: the answer is no.
    const input = "n\n".repeat(100);
    const result = await this.#call(["-f", `${this.folder}/compose.yaml`], args, { input, ...options });
    if (result.code === 0) return result;
    throw new RingwallError("engine-failed", this.#failure(args, result));
  }

  /**
   * Compose's own hash of each service of a file that need not be written yet: what it labels containers with, and
   * by which it decides what to recreate. Undefined when it cannot tell, as before the first delivery of secrets.
   *
   * `config --hash` passes over `env_file` where `up` does not, so the file is resolved first; the values in it go
   * through pipes only.
   */
  async hashes(composeFile: string): Promise<ReadonlyMap<string, string> | undefined> {
    const resolved = await this.#call(["-f", "-"], ["config"], { input: composeFile, timeout: 30_000 });
    if (resolved.code !== 0) return undefined;
    const options = { input: resolved.stdout, timeout: 30_000 };
    const result = await this.#call(["-f", "-"], ["config", "--hash", "*"], options);
    if (result.code !== 0) return undefined;
    const lines = result.stdout.split("\n").map((line) => line.trim().split(/\s+/));
    return new Map(lines.flatMap(([name, hash]) => (name && hash ? [[name, hash]] : [])));
  }

  #call(
    files: readonly string[],
    args: readonly string[],
    { progress, ...options }: ProgramOptions & { readonly progress?: (text: string) => void },
  ): Promise<ProgramResult> {
    const before = ["compose", "--progress", "plain", "-p", this.#project, "--project-directory", this.folder];
    return this.#run("docker", [...before, ...files, ...args], {
      ...options,
      ...(progress === undefined ? {} : { onLine: (line) => this.#report(line, progress) }),
      // What a person's shell sets for their own projects must not change this one.
      environment: { COMPOSE_MENU: "0", COMPOSE_PROFILES: "", COMPOSE_FILE: "", COMPOSE_ENV_FILES: "" },
    });
  }

  #report(line: string, progress: (text: string) => void): void {
    const text = this.#redact(line.trim());
    if (text !== "") progress(text);
  }

  #failure(args: readonly string[], result: ProgramResult): string {
    const lines = this.#redact(`${result.stderr}\n${result.stdout}`)
      .split("\n")
      .map((line) => line.trim())
      // Progress is no reason: it stands as ` Container name  Created`.
      .filter((line) => line !== "" && !/^(Container|Network|Volume|Image) \S+ {2}\w+$/.test(line));
    const said = lines.slice(-5).join(" / ");
    const how = result.signal === undefined ? `code ${result.code ?? "?"}` : `signal ${result.signal}`;
    return `\`docker compose ${args[0] ?? ""}\` ended with ${how}${said === "" ? "." : `: ${said}`}`;
  }
}
