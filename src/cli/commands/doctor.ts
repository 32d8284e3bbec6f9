import { homedir } from "node:os";
import type { Command } from "commander";
import { childPrograms } from "../../lib/child-program.ts";
import { RingwallError } from "../../lib/error.ts";
import type { RunProgram } from "../../lib/run-program.ts";
import { EngineClient } from "../../platforms/compose/engine/client.ts";
import {
  type DockerEngineInfo,
  demandCompose,
  describeEngine,
  engineRemarks,
} from "../../platforms/compose/engine/describe-engine.ts";
import { describeEndpoint, findEndpoint } from "../../platforms/compose/engine/endpoint.ts";
import { jsonText, terminal } from "../../report/escape.ts";
import { padOrCut, wrap } from "../../report/layout.ts";
import { type Style, styleFor } from "../../report/style.ts";
import { type Context, type ExitCode, exits } from "../command.ts";
import { formatOption } from "../options.ts";

/** One thing that was looked at. */
export interface Diagnosis {
  readonly name: string;
  /** `works`: nothing to do. `limited`: something else works less well. `missing`: what `without` names does not work. */
  readonly state: "works" | "limited" | "missing";
  readonly found: string;
  /** What to do, a sentence; absent where nothing is. */
  readonly advice?: string;
}

/** What doctor asks of the machine. */
export interface Surroundings {
  readonly nodeVersion: string;
  readonly run: RunProgram;
  /** Throws a `RingwallError` that says why no engine answers. */
  engine(run: RunProgram): Promise<{ readonly endpoint: string; readonly info: DockerEngineInfo }>;
}

const oldestNode = [22, 18] as const;

/** What works on this machine and what does not. Never rejects for what is missing. */
export async function diagnose(surroundings: Surroundings): Promise<readonly Diagnosis[]> {
  return [
    nodeDiagnosis(surroundings.nodeVersion),
    { name: "check", state: "works", found: "reads files only; needs neither an engine nor a network" },
    ...(await engineDiagnoses(surroundings)),
    await gitDiagnosis(surroundings.run),
  ];
}

function nodeDiagnosis(version: string): Diagnosis {
  const [major = 0, minor = 0] = version.replace(/^v/, "").split(".").map(Number);
  const old = major < oldestNode[0] || (major === oldestNode[0] && minor < oldestNode[1]);
  if (!old) return { name: "Node.js", state: "works", found: version };
  return {
    name: "Node.js",
    state: "missing",
    found: `${version} is too old`,
    advice: `Install Node.js ${oldestNode.join(".")} or newer.`,
  };
}

async function engineDiagnoses({ engine, run }: Surroundings): Promise<readonly Diagnosis[]> {
  let found: Awaited<ReturnType<Surroundings["engine"]>>;
  try {
    found = await engine(run);
  } catch (error) {
    if (!(error instanceof RingwallError)) throw error;
    return [
      {
        name: "Docker engine",
        state: "missing",
        found: error.message,
        advice: `${error.hint ?? "Install and start Docker."} Until then check, render and controls work; plan, up, status and probe do not.`,
      },
    ];
  }
  const { endpoint, info } = found;
  return [
    { name: "Docker engine", state: "works", found: `${info.version}, API ${info.apiVersion}, at ${endpoint}` },
    composeDiagnosis(info),
    cgroupDiagnosis(info),
    ...engineRemarks(info).map((remark): Diagnosis => ({ name: "Engine", state: "limited", found: remark })),
  ];
}

function composeDiagnosis(info: DockerEngineInfo): Diagnosis {
  try {
    return { name: "docker compose", state: "works", found: demandCompose(info) };
  } catch (error) {
    if (!(error instanceof RingwallError)) throw error;
    return {
      name: "docker compose",
      state: "missing",
      found: error.message,
      advice: `${error.hint ?? ""} Until then up and down do not work.`.trim(),
    };
  }
}

function cgroupDiagnosis(info: DockerEngineInfo): Diagnosis {
  if (info.cgroup !== "1") return { name: "cgroup", state: "works", found: `version ${info.cgroup}` };
  return {
    name: "cgroup",
    state: "limited",
    found: "version 1: some limits of memory and processes are not enforced for a rootless engine",
    advice: "Start the machine with systemd.unified_cgroup_hierarchy=1, which current distributions do by themselves.",
  };
}

async function gitDiagnosis(run: RunProgram): Promise<Diagnosis> {
  try {
    const { stdout, code } = await run("git", ["--version"], { timeout: 5_000 });
    if (code === 0) return { name: "git", state: "works", found: stdout.trim().replace(/^git version /, "") };
  } catch (error) {
    if (!(error instanceof RingwallError)) throw error;
  }
  return {
    name: "git",
    state: "limited",
    found: "not found, so whether a file is tracked by Git cannot be told",
    advice: "Install git to have that checked too.",
  };
}

export function diagnosisText(diagnoses: readonly Diagnosis[], style: Style, width: number): string {
  const marks = { works: style.good("✓"), limited: style.doubt("!"), missing: style.bad("✗") };
  const label = Math.max(...diagnoses.map((each) => each.name.length)) + 2;
  let text = "";
  for (const { name, state, found, advice } of diagnoses) {
    const lines = wrap(terminal(found), width - label - 2);
    lines.forEach((line, index) => {
      const lead = index === 0 ? `${marks[state]} ${padOrCut(name, label)}` : " ".repeat(label + 2);
      text += `${lead}${line}\n`;
    });
    for (const line of advice === undefined ? [] : wrap(terminal(advice), width - label - 4)) {
      text += `${" ".repeat(label + 2)}${style.dim(line)}\n`;
    }
  }
  return text;
}

export function register(command: Command, context: Context): void {
  command.addOption(formatOption(["text", "json"])).action(
    exits(context, async (options: { format: string }): Promise<ExitCode> => {
      const diagnoses = await diagnose(surroundingsOf(context));
      const { stdout } = context;
      const style = styleFor(context.env, stdout.isTTY);
      const text =
        options.format === "json"
          ? jsonText({ diagnoses })
          : diagnosisText(diagnoses, style, Math.min(stdout.columns ?? 100, 100));
      stdout.write(text);
      return 0;
    }),
  );
}

function surroundingsOf(context: Context): Surroundings {
  return {
    nodeVersion: process.version,
    run: childPrograms(context.env),
    async engine(run) {
      const endpoint = await findEndpoint({ variables: context.env, home: context.env.HOME ?? homedir() });
      const client = await EngineClient.connect(endpoint, { timeout: 5_000 });
      return { endpoint: describeEndpoint(endpoint), info: await describeEngine(client, run) };
    },
  };
}
