/**
 * What the broker makes of an option's value: with one that it cannot take it does not start.
 *
 * Source: `conf__parse_bool` and `listener` in src/conf.c of Mosquitto 2.0.22. The first word counts.
 */
import type { InputProblem } from "../../facts/system.ts";
import { refused } from "../refused.ts";
import type { MosquittoOption } from "./parse.ts";

/** The options that decide who gets in, and are true or false. */
const switches: ReadonlySet<string> = new Set([
  "allow_anonymous",
  "listener_allow_anonymous",
  "per_listener_settings",
  "require_certificate",
]);

/** Filled in by another program before the broker reads it. */
const template = /\{\{|\{%|<%|\$\{?[A-Za-z_]/;

export function switchedOn(option: MosquittoOption | undefined): boolean {
  return option !== undefined && /^(?:true|1)$/.test(wordOf(option));
}

/** Why it cannot be told what an option says, and whether the broker could not tell either; undefined where it can be. */
export function openValue(option: MosquittoOption): { readonly why: string; readonly wrong: boolean } | undefined {
  const { name, value } = option;
  const isSwitch = switches.has(name);
  if (!isSwitch && name !== "listener") return undefined;
  if (template.test(value)) return { why: `a template fills in \`${name}\``, wrong: false };
  const word = wordOf(option);
  if (word === "") return { why: `\`${name}\` has no value`, wrong: true };
  const known = isSwitch ? /^(?:true|false|0|1)$/.test(word) : /^\d{1,5}$/.test(word) && Number(word) <= 65_535;
  if (known) return undefined;
  const expected = isSwitch ? "true nor false" : "a port nor 0 for a socket's path";
  return { why: `the value of \`${name}\` is neither ${expected}`, wrong: true };
}

/** What keeps the broker from starting, told where it stands. */
export function problemsOf(options: readonly MosquittoOption[]): readonly InputProblem[] {
  return options.flatMap((option) => {
    const open = openValue(option);
    if (open === undefined || !open.wrong) return [];
    const expected =
      option.name === "listener"
        ? "the port behind `listener`, and the address where it is to listen on one alone"
        : `\`${option.name} true\` or \`${option.name} false\``;
    return [refused("Mosquitto", open.why, expected, option.place)];
  });
}

function wordOf({ value }: MosquittoOption): string {
  return value.split(/\s/, 1)[0] ?? "";
}
