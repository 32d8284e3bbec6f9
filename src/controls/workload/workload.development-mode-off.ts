/**
 * A program's development mode leaves out what makes it safe, on purpose.
 *
 * Reads:  container.command, container.entrypoint, container.environment, image.reference
 * Passes: nothing starts a known program in its development mode.
 */
import type { Judgement, Severity } from "../../contracts/verdict.ts";
import { openOptionFor, placeInStart, seenStart } from "../../facts/command-words.ts";
import { knownValue } from "../../facts/fact.ts";
import { rolesOf } from "../../facts/knowledge/roles.ts";
import type { Container, EnvironmentVariable } from "../../facts/subjects.ts";
import { defineControl } from "../define.ts";
import { all, cannotTell, fail, forbidAny, pass } from "../judge.ts";
import { isForOthers } from "../knowledge/given-to-many.ts";
import { unseenValue } from "../knowledge/unseen-value.ts";

export const developmentModeOff = defineControl({
  id: "workload.development-mode-off",
  on: "container",
  severity: "medium",
  title: "No program runs in its development mode",
  claim: "No container runs a program in the mode that is made for its developers.",
  threat:
    "Development modes come with a known root token, no encryption, or a console in the browser that runs whatever is typed into it.",
  remedy:
    "Start the program as its manual says for production: Vault and OpenBao with `command: server -config=/vault/config` and a storage, Keycloak with `start` and its host name, web frameworks with their debugging switched off.",
  judged:
    "Fails for Vault and OpenBao with `-dev`, which their images start without a command (high), for Nomad's `-dev` (high), Consul's and Keycloak's (medium), and for Flask's, Django's and Laravel's debugging (low: files for development say so on purpose).",
  limits: "Debugging that an application's own file switches on is not seen.",
  frameworks: { owaspDocker: ["D04"], nistCsf: ["PR.PS-01"], coverage: ["S5"] },

  check(container, system) {
    const { software, doubt } = rolesOf(container, system);
    const judged = (variable: EnvironmentVariable) =>
      isForOthers(variable, container, system) ? undefined : judgeVariable(variable);
    const variables = forbidAny(container.environment, judged, {
      what: "the environment",
      none: "no variable switches debugging on",
    });
    return all(judgeCommand(container, software, doubt), variables);
  },
});

interface Mode {
  readonly pattern: RegExp;
  /** The program's name in `rolesOf`, where the words alone would say too little. */
  readonly software?: string;
  readonly what: string;
  readonly severity: Severity;
}

const modes: readonly Mode[] = [
  {
    pattern: /(?:^|\s)-dev(?:\s|=|-|$)/,
    software: "vault",
    what: "Vault runs in its development mode: unsealed, in memory, without TLS",
    severity: "high",
  },
  {
    pattern: /(?:^|[\s/])(?:vault|bao)\s+server\s(?:.*\s)?-dev(?:\s|=|-|$)/,
    what: "Vault runs in its development mode: unsealed, in memory, without TLS",
    severity: "high",
  },
  {
    pattern: /(?:^|[\s/])nomad\s+agent\s(?:.*\s)?-dev(?:-connect)?(?:\s|$)/,
    what: "Nomad runs in its development mode, and whoever reaches it runs programs as root",
    severity: "high",
  },
  {
    pattern: /(?:^|\s)agent\s(?:.*\s)?-dev(?:\s|$)/,
    software: "consul",
    what: "Consul runs in its development mode, without access rules",
    severity: "medium",
  },
  {
    pattern: /(?:^|[\s/])start-dev(?:\s|$)/,
    software: "keycloak",
    what: "Keycloak runs in its development mode, without HTTPS and for any host name",
    severity: "medium",
  },
];

/** A program with such a mode that is started by its name. */
const namedIn = /(?:^|[\s/])(vault|bao|nomad|consul)\s/;

function judgeCommand(
  container: Container,
  software: readonly string[],
  doubt: string | undefined,
): readonly Judgement[] {
  const { command, entrypoint, place } = container;
  const seen = seenStart(container);
  const text = seen.words.join(" ").slice(0, 20_000);
  const mode = modes.find(
    (each) => each.pattern.test(text) && (each.software === undefined || software.includes(each.software)),
  );
  if (mode !== undefined)
    return [
      fail(mode.what, { place: placeInStart(container, mode.pattern), detail: mode.what, severity: mode.severity }),
    ];
  const known =
    ["vault", "consul", "keycloak", "nomad"].find((name) => software.includes(name)) ?? namedIn.exec(text)?.[1];
  const open = modes.map(({ pattern }) => openOptionFor(seen, pattern, ["true"])).find((each) => each !== undefined);
  const hidden = seen.hidden ?? open;
  if (hidden !== undefined) {
    return known === undefined && doubt === undefined
      ? [pass("it is no program with such a mode", place)]
      : [
          cannotTell(`how ${known ?? "it"} is started`, hidden.why, {
            place: hidden.place,
            detail: "command",
            severity: "low",
          }),
        ];
  }
  // hub.docker.com/r/hashicorp/vault and openbao/openbao: without arguments the image starts a development server.
  if (software.includes("vault") && command.kind === "unstated" && entrypoint.kind === "unstated") {
    return [
      fail("no command is stated, and without one the image starts Vault in its development mode", {
        place: command.place,
        detail: "no command",
        severity: "high",
      }),
    ];
  }
  const startsSomething = command.kind !== "unstated" || entrypoint.kind !== "unstated";
  if (doubt !== undefined && (!startsSomething || modes.some(({ pattern }) => pattern.test(text))))
    return [cannotTell("whether it starts in a development mode", doubt, { detail: "command", severity: "info" })];
  return [pass("no command starts a development mode", place)];
}

const debugging: readonly (readonly [name: RegExp, value: RegExp, what: string])[] = [
  [/^FLASK_DEBUG$/, /^(?:1|true|yes|on)$/i, "Flask shows a console that runs code"],
  [/^FLASK_ENV$/, /^development$/i, "Flask shows a console that runs code"],
  [/^DJANGO_DEBUG$/, /^(?:1|true|yes|on)$/i, "Django shows its settings with every error"],
  [/^APP_DEBUG$/, /^(?:1|true|yes|on)$/i, "the application shows its settings with every error"],
];

function judgeVariable(variable: EnvironmentVariable): Judgement | undefined {
  const { name, value, place } = variable;
  const rule = debugging.find(([pattern]) => pattern.test(name));
  if (rule === undefined) return undefined;
  const unseen = unseenValue(variable);
  if (unseen !== undefined)
    return cannotTell(`whether ${name} switches debugging on`, unseen.why, { place, detail: name, severity: "info" });
  const text = knownValue(value)?.reveal().trim() ?? "";
  return rule[1].test(text)
    ? fail(`${name} is ${text}: ${rule[2]}`, { place, detail: name, severity: "low", remedy: switchedOff(variable) })
    : undefined;
}

function switchedOff({ name, from, interpolates }: EnvironmentVariable): string {
  const off = name === "FLASK_ENV" ? "production" : "false";
  const [variable] = interpolates;
  if (variable !== undefined) return `Give \`${variable}\` the value \`${off}\` outside of development.`;
  return `Set \`${name}\` to \`${off}\`${from === undefined ? "" : ` in ${from}`}.`;
}
