import type { Severity } from "../contracts/verdict.ts";

/** How parts of a terminal report are marked. Without colour every function gives its text back. */
export interface Style {
  readonly colour: boolean;
  plain(text: string): string;
  bold(text: string): string;
  dim(text: string): string;
  good(text: string): string;
  doubt(text: string): string;
  bad(text: string): string;
  severity(severity: Severity, text: string): string;
}

const none = (text: string): string => text;

export const plainStyle: Style = {
  colour: false,
  plain: none,
  bold: none,
  dim: none,
  good: none,
  doubt: none,
  bad: none,
  severity: (_severity, text) => text,
};

const severityCodes: Record<Severity, string> = {
  critical: "1;97;41",
  high: "1;31",
  medium: "33",
  low: "36",
  info: "2",
};

/** The sixteen colours that every terminal theme defines, so that the reader's own theme decides. */
export const colourStyle: Style = {
  colour: true,
  plain: none,
  bold: sgr("1"),
  dim: sgr("2"),
  good: sgr("32"),
  doubt: sgr("33"),
  bad: sgr("31"),
  severity: (severity, text) => sgr(severityCodes[severity])(text),
};

function sgr(code: string): (text: string) => string {
  return (text) => `\u001b[${code}m${text}\u001b[0m`;
}

/**
 * Whether to colour: `NO_COLOR` (any value but empty) says no; else `FORCE_COLOR` (`0` and `false` say no, else yes);
 * else a terminal that is not `dumb`.
 */
export function styleFor(env: Readonly<Record<string, string | undefined>>, isTTY: boolean): Style {
  return wantsColour(env, isTTY) ? colourStyle : plainStyle;
}

function wantsColour(env: Readonly<Record<string, string | undefined>>, isTTY: boolean): boolean {
  if (env.NO_COLOR !== undefined && env.NO_COLOR !== "") return false;
  if (env.FORCE_COLOR !== undefined) return env.FORCE_COLOR !== "0" && env.FORCE_COLOR !== "false";
  return isTTY && env.TERM !== "dumb";
}
