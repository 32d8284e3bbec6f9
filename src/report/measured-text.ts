import type { System } from "../facts/system.ts";
import { terminal } from "./escape.ts";
import type { MeasuredSystem } from "./input.ts";
import { counted, displayWidth, padOrCut, wrap } from "./layout.ts";
import { compareReach, type ReachPair } from "./reach-comparison.ts";
import type { Style } from "./style.ts";

export interface MeasuredTextOptions {
  readonly style: Style;
  /** Columns of the screen; infinite where nothing is to be broken. */
  readonly width: number;
}

/** Where a probe tried to get to beside the services, in the order of the table's last columns. */
const places = [
  ["the host", "host"],
  ["outside", "out"],
] as const;

const longestName = 24;

/**
 * What a probe measured, for a terminal: who reached whom as a table whose columns are numbered like its rows, what
 * differs from what may be, and what differs from what is declared.
 */
export function measuredText(
  measured: MeasuredSystem,
  systems: readonly System[],
  { style, width }: MeasuredTextOptions,
): string {
  const pairs = compareReach(measured, systems);
  const lines = [
    style.bold("Who reaches whom"),
    ...table(pairs, style, width),
    ...legend(pairs, style),
    "",
    ...listed("Open, though nothing allows it", pairs.filter(isSurplus).map(told), style.bad, width),
    ...listed("Allowed, but blocked", pairs.filter(isMissing).map(told), style.doubt, width),
    ...listed("Could not be told", pairs.filter(({ found }) => found === "unsure").map(told), style.doubt, width),
    ...listed("Differs from what is declared", measured.drift ?? [], style.doubt, width),
  ];
  return `${lines.join("\n")}\n`;
}

const isSurplus = (pair: ReachPair) => pair.found === "reached" && pair.allowed === false;
const isMissing = (pair: ReachPair) => pair.found === "blocked" && pair.allowed === true;
const told = ({ from, to, evidence }: ReachPair) => `${from} → ${to}: ${evidence}`;

/** A sign for each pair: of two letters' width, so that a table of thirty services fits on a screen. */
function sign(pair: ReachPair | undefined, style: Style): string {
  if (pair === undefined) return " ";
  if (isSurplus(pair)) return style.bad("✗");
  if (isMissing(pair)) return style.doubt("!");
  if (pair.found === "unsure") return style.doubt("?");
  return pair.found === "reached" ? style.good("●") : style.dim("·");
}

function table(pairs: readonly ReachPair[], style: Style, width: number): readonly string[] {
  const names = [...new Set(pairs.flatMap(({ from, to }) => [from, to]))]
    .filter((name) => !places.some(([place]) => place === name))
    .sort();
  const byKey = new Map(pairs.map((pair) => [`${pair.from}\n${pair.to}`, pair]));
  const cell = String(names.length).length + 1;
  const nameWidth = Math.min(longestName, Math.max(0, ...names.map(displayWidth)));
  const needed = cell + nameWidth + names.length * cell + 11;
  if (needed > Math.max(width, 60)) return asLists(names, pairs, style, width);
  const head = [
    " ".repeat(cell + 1 + nameWidth),
    ...names.map((_, index) => String(index + 1).padStart(cell)),
    ...places.map(([, short]) => short.padStart(5)),
  ].join("");
  const rows = names.map((from, index) => {
    const cells = names.map(
      (to) => " ".repeat(cell - 1) + (from === to ? " " : sign(byKey.get(`${from}\n${to}`), style)),
    );
    const ends = places.map(([place]) => `    ${sign(byKey.get(`${from}\n${place}`), style)}`);
    const name = padOrCut(terminal(from), nameWidth);
    return `${String(index + 1).padStart(cell)} ${name}${cells.join("")}${ends.join("")}`;
  });
  return [style.dim(head), ...rows];
}

/** Where the screen is too narrow for the table: of each service, whom it reaches. */
function asLists(
  names: readonly string[],
  pairs: readonly ReachPair[],
  style: Style,
  width: number,
): readonly string[] {
  return names.flatMap((from) => {
    const reached = pairs.filter((pair) => pair.from === from && pair.found === "reached").map(({ to }) => to);
    const text = `${from} → ${reached.length === 0 ? "nobody" : reached.join(", ")}`;
    return wrap(terminal(text), width - 2).map((line, index) => (index === 0 ? line : style.dim(`  ${line}`)));
  });
}

function legend(pairs: readonly ReachPair[], style: Style): readonly string[] {
  const reached = pairs.filter(({ found }) => found === "reached").length;
  const blocked = pairs.filter(({ found }) => found === "blocked").length;
  const signs: readonly (readonly [string, boolean])[] = [
    ["● reaches", true],
    ["· proven blocked", true],
    ["✗ reaches, though nothing allows it", pairs.some(isSurplus)],
    ["! blocked, though it is allowed", pairs.some(isMissing)],
    ["? could not be told", pairs.some(({ found }) => found === "unsure")],
  ];
  const shown = signs.filter(([, used]) => used).map(([text]) => text);
  return [
    style.dim(shown.join("   ")),
    style.dim(`${counted(pairs.length, "pair")}: ${reached} reach, ${blocked} are proven blocked.`),
  ];
}

/** So many are told one by one; the reports in other formats have them all. */
const most = 12;

function listed(
  title: string,
  texts: readonly string[],
  paint: (text: string) => string,
  width: number,
): readonly string[] {
  if (texts.length === 0) return [];
  const shown = texts.slice(0, most).flatMap((text) => wrap(terminal(text), width - 2).map((line) => `  ${line}`));
  const more = texts.length > most ? [`  and ${texts.length - most} more`] : [];
  return [paint(title), ...shown, ...more, ""];
}
