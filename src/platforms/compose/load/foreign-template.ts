import { fillersIn } from "../../../formats/template/blank.ts";
import type { Doubt } from "./template.ts";

/** A text with the expressions of another program's template taken out. */
export interface ForeignTemplate {
  readonly text: string;
  /** The names that the expressions begin with; never what stands behind them, which may be a secret default. */
  readonly names: readonly string[];
  readonly doubts: readonly Doubt[];
}

/** One reason for all of them, so that it is told once of each service. */
export const foreignWhy = "another program fills in a template here";

/** Go's own words, as in `{{json .}}` and `{{end}}`: engines, Swarm and log drivers replace those themselves. */
const goWords: ReadonlySet<string> = new Set(["end", "else", "break", "continue"]);

/**
 * What gluetun itself fills in where it runs a command for a port that was forwarded (`VPN_PORT_FORWARDING_UP_COMMAND`):
 * only among other words, for a port or an address of its own has none. Source: gluetun-wiki, "VPN server port forwarding".
 */
const ofCommands = /^\{\{(?:PORTS?|VPN_INTERFACE)\}\}$/;

const expression =
  /\{\{-?[ \t]{0,20}([A-Za-z_]\w{0,100})[\w.[\]'"]{0,100}[ \t]{0,20}(?:-?\}\}|(?:[|(~+*/]|-(?!\})|if\b|or\b|and\b)[^{}]{0,500}\}\})/g;

/**
 * Finds Jinja's expressions, as Ansible and cookiecutter fill them in, within a scalar: `{{ app_port }}:80`. Undefined where
 * there are none. `{{.Node.Hostname}}` is none, nor anything that begins with a dot, a dollar sign or a quote.
 */
export function foreignTemplateIn(text: string): ForeignTemplate | undefined {
  return blankedIn(text) ?? writtenIn(text);
}

/** What was blanked out before the text was read as YAML. */
function blankedIn(text: string): ForeignTemplate | undefined {
  const fillers = fillersIn(text);
  if (fillers.length === 0) return undefined;
  let made = "";
  let from = 0;
  const doubts = fillers.map(({ start, end }): Doubt => {
    made += text.slice(from, start);
    from = end;
    return { start: made.length, end: made.length, why: foreignWhy };
  });
  return { text: made + text.slice(from), names: [], doubts };
}

function writtenIn(text: string): ForeignTemplate | undefined {
  if (!text.includes("{{")) return undefined;
  const isCommand = /\s/.test(text);
  let made = "";
  let from = 0;
  const names: string[] = [];
  const doubts: Doubt[] = [];
  for (const match of text.matchAll(expression)) {
    const name = match[1] ?? "";
    if (goWords.has(name) || (isCommand && ofCommands.test(match[0]))) continue;
    made += text.slice(from, match.index);
    from = match.index + match[0].length;
    names.push(name);
    doubts.push({ start: made.length, end: made.length, why: foreignWhy });
  }
  return names.length === 0 ? undefined : { text: made + text.slice(from), names, doubts };
}
