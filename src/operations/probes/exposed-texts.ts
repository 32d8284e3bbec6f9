import { existsSync } from "node:fs";
import { listInContainer, readInContainer, readRegular } from "./container-files.ts";
import { containerProcesses, readHostFile } from "./processes.ts";
import type { RunningService } from "./running.ts";

/** How a secret reaches a service. */
export type SecretDelivery = "file" | "environment" | "argument";

/** A text in which the value of a secret could stand, and what it would mean. */
export interface ExposedText {
  /** Where, as a clause: `the log of db`. */
  readonly where: string;
  /** Undefined when it could not be read. */
  readonly text: string | undefined;
  readonly as: SecretDelivery;
  /** The path in the container, for a file. */
  readonly target?: string;
}

/** All places where a secret could show that is given to a service: what the engine tells, processes, log, files. */
export function exposedTexts(source: RunningService): readonly ExposedText[] {
  const { service, inspect, log } = source;
  return [
    ...describedTexts(service, inspect),
    { where: `the log of ${service}`, text: log, as: "argument" },
    ...containerProcesses(source.pid).flatMap((pid) => processTexts(service, pid)),
    ...fileTexts(source),
  ];
}

/**
 * What the engine tells, as texts: in JSON a value may be written with escapes, so the strings are taken out of it.
 * The environment stands apart, for there a declared delivery is expected.
 */
function describedTexts(service: string, inspect: string): readonly ExposedText[] {
  const strings: { path: string; text: string }[] = [];
  collect(parsed(inspect), "", strings);
  const joined = (chosen: typeof strings) => chosen.map(({ text }) => text).join("\n");
  const isEnvironment = ({ path }: { path: string }) => path === "/Config/Env";
  return [
    {
      where: `the environment that the engine tells of ${service}`,
      text: joined(strings.filter(isEnvironment)),
      as: "environment",
    },
    {
      where: `the engine's description of ${service}`,
      text: joined(strings.filter((one) => !isEnvironment(one))),
      as: "argument",
    },
  ];
}

function collect(value: unknown, path: string, strings: { path: string; text: string }[]): void {
  if (typeof value === "string") strings.push({ path, text: value });
  else if (Array.isArray(value)) for (const item of value) collect(item, path, strings);
  else if (typeof value === "object" && value !== null)
    for (const [key, inner] of Object.entries(value)) {
      strings.push({ path: `${path}/${key}`, text: key });
      collect(inner, `${path}/${key}`, strings);
    }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function processTexts(service: string, pid: number): readonly ExposedText[] {
  // A health check may have ended since the list was made; what no longer runs shows nothing.
  if (hasEnded(pid)) return [];
  const texts: readonly ExposedText[] = [
    { where: `the arguments of a process of ${service}`, text: readHostFile(`/proc/${pid}/cmdline`), as: "argument" },
    {
      where: `the environment of a process of ${service}`,
      text: readHostFile(`/proc/${pid}/environ`),
      as: "environment",
    },
  ];
  return texts.filter(({ text }) => text !== undefined || !hasEnded(pid));
}

/** Whether a process is gone, or has let go of its memory and waits to be collected: then it has neither left. */
function hasEnded(pid: number): boolean {
  const status = readHostFile(`/proc/${pid}/status`);
  return status === undefined
    ? !existsSync(`/proc/${pid}`)
    : /^State:\s*[ZX]/m.test(status) || !/^VmSize:/m.test(status);
}

/** Files in `/run/secrets`, and single files of the host that are mounted wherever. */
function fileTexts({ service, pid, mounts }: RunningService): readonly ExposedText[] {
  const paths = new Map<string, string | undefined>(
    listInContainer(pid, "/run/secrets").map((name) => {
      const target = `/run/secrets/${name}`;
      return [target, readInContainer(pid, target)];
    }),
  );
  for (const { type, source, target } of mounts)
    if (type === "bind" && !paths.has(target)) paths.set(target, readRegular(source));
  return [...paths].flatMap(([target, text]): ExposedText[] =>
    text === undefined ? [] : [{ where: `the file ${target} of ${service}`, text, as: "file", target }],
  );
}
