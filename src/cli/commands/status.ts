import type { Command } from "commander";
import type { ServiceStatus } from "../../contracts/platform.ts";
import { type StackStatus, status } from "../../operations/deploy/status.ts";
import { composeResources } from "../../platforms/compose/resources.ts";
import { jsonText, terminal } from "../../report/escape.ts";
import { padOrCut } from "../../report/layout.ts";
import { type Style, styleFor } from "../../report/style.ts";
import { type Context, type ExitCode, exits } from "../command.ts";
import { engineOf } from "../deployment.ts";
import { formatOption } from "../options.ts";
import { stackOf } from "../stack-option.ts";

interface Options {
  readonly format: "text" | "json";
  readonly images?: string;
}

export function register(command: Command, context: Context): void {
  command
    .argument("[stack]", "a folder with stack.yaml, or a named file; else the nearest one above")
    .option("--images <file>", "a file of local images in place of upstream ones")
    .addOption(formatOption(["text", "json"]))
    .addHelpText("after", "\nEnds with 3 when a service is missing, has ended or is unhealthy.")
    .action(exits(context, (named: string | undefined, options: Options) => run(named, options, context)));
}

async function run(named: string | undefined, options: Options, context: Context): Promise<ExitCode> {
  const { stack } = await stackOf(named, context, { images: options.images });
  const found = await status(await engineOf(context), composeResources(stack), context.now());
  if (options.format === "json") {
    const memoryLimits = Object.fromEntries(found.memoryLimits);
    context.stdout.write(jsonText({ version: 1, stack: stack.name, ...found, memoryLimits }));
  } else {
    context.stdout.write(statusText(found, styleFor(context.env, context.stdout.isTTY), context.now()));
  }
  return found.services.every(isWell) ? 0 : 3;
}

/** Runs and is not unhealthy, or has done its work and ended well. */
function isWell({ state, health, exitCode }: ServiceStatus): boolean {
  return (state === "running" && health !== "unhealthy") || (state === "exited" && exitCode === 0);
}

function statusText(found: StackStatus, style: Style, now: Date): string {
  const lines = [
    ...servicesText(found, style, now),
    ...listed("Listening on this machine", found.ports.map(portText), style),
    ...listed("Failed in the last hour", found.failures.map(failureText), style),
    ...listed("Secrets", secretsText(found), style),
  ];
  return `${lines.join("\n")}\n`;
}

const columns = [
  ["service", 20],
  ["state", 12],
  ["health", 11],
  ["restarts", 10],
  ["up", 8],
  ["memory", 20],
  ["cpu", 6],
] as const;

function servicesText(found: StackStatus, style: Style, now: Date): string[] {
  const head = columns.map(([title, width]) => padOrCut(title, width)).join("");
  const rows = found.services.map((service) => {
    const cells = [
      terminal(service.service),
      service.state,
      service.health === "none" ? "-" : service.health,
      String(service.restarts),
      service.state === "running" ? age(service.startedAt, now) : "-",
      memoryText(service.memoryBytes, found.memoryLimits.get(service.service)),
      service.cpuPercent === undefined ? "-" : `${service.cpuPercent.toFixed(1)}%`,
    ];
    const line = cells.map((cell, index) => padOrCut(cell, columns[index]?.[1] ?? 10)).join("");
    return isWell(service) ? line : style.bad(line);
  });
  return [style.bold(head.trimEnd()), ...rows.map((row) => row.trimEnd())];
}

function age(startedAt: string | undefined, now: Date): string {
  const seconds = Math.max(0, Math.round((now.getTime() - Date.parse(startedAt ?? "")) / 1000));
  if (!Number.isFinite(seconds)) return "-";
  if (seconds < 120) return `${seconds} s`;
  if (seconds < 7200) return `${Math.round(seconds / 60)} min`;
  return seconds < 172_800 ? `${Math.round(seconds / 3600)} h` : `${Math.round(seconds / 86_400)} d`;
}

function memoryText(used: number | undefined, limit: number | undefined): string {
  if (used === undefined) return "-";
  return limit === undefined ? mebibytes(used) : `${mebibytes(used)} of ${mebibytes(limit)}`;
}

function mebibytes(bytes: number): string {
  return `${(bytes / 1024 / 1024).toFixed(bytes < 10 * 1024 * 1024 ? 1 : 0)} MB`;
}

function portText({ service, address, port, inside, protocol }: StackStatus["ports"][number]): string {
  const shown = address.includes(":") ? `[${address}]` : address;
  return `${shown}:${port}/${protocol} → ${service}:${inside}`;
}

function failureText({ at, service, what }: StackStatus["failures"][number]): string {
  return `${at} ${service} ${what}`;
}

/** All present is one line; what is not is named. */
function secretsText({ secrets }: StackStatus): string[] {
  const absent = secrets.filter(({ state }) => state === "absent");
  const unseen = secrets.filter(({ state }) => state === "unseen");
  if (secrets.length === 0) return [];
  return [
    ...absent.map(({ secret, service }) => `${secret} for ${service} is not delivered`),
    ...(unseen.length > 0 ? [`${unseen.length} of ${secrets.length} cannot be seen: only root may look`] : []),
    ...(absent.length + unseen.length === 0 ? [`all delivered (${secrets.length})`] : []),
  ];
}

function listed(title: string, texts: readonly string[], style: Style): string[] {
  return texts.length === 0 ? [] : ["", style.bold(title), ...texts.map((text) => `  ${terminal(text)}`)];
}
