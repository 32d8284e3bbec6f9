import { html } from "./escape.ts";
import type { MeasuredSystem } from "./input.ts";
import { counted } from "./layout.ts";
import type { ReachPair } from "./reach-comparison.ts";

/** From so many services on only those with a difference are shown in the table. */
const wholeTableUpTo = 48;

interface Look {
  readonly sign: string;
  readonly style: string;
  readonly word: string;
}

/** What was measured: who reached whom, beside what may be; differences stand out and are listed first. */
export function matrixSection(measured: MeasuredSystem, pairs: readonly ReachPair[]): string {
  const different = pairs.filter((pair) => lookOf(pair).style === "surplus" || lookOf(pair).style === "missing");
  const reached = pairs.filter((pair) => pair.found === "reached").length;
  const blocked = pairs.filter((pair) => pair.found === "blocked").length;
  const unsure = pairs.length - reached - blocked;
  const verdict =
    different.length === 0
      ? "Nothing differs from what may be."
      : `${counted(different.length, "pair")} differ${different.length === 1 ? "s" : ""} from what may be.`;
  return `<p class="lead">${counted(measured.attempts.length, "attempt")}: ${counted(reached, "pair")} reached one another, ${blocked} were proven blocked${unsure === 0 ? "" : `, ${unsure} could not be told`}. <strong>${verdict}</strong></p>
${differenceList(different)}${table(pairs, different)}${blindList(measured.blind)}`;
}

function lookOf({ found, allowed }: ReachPair): Look {
  if (found === "unsure") return { sign: "?", style: "unsure", word: "could not be told" };
  if (found === "reached") {
    if (allowed === false) return { sign: "✗", style: "surplus", word: "open, though nothing allows it" };
    return { sign: "●", style: allowed === undefined ? "plain" : "allowed", word: "reached" };
  }
  if (allowed === true) return { sign: "!", style: "missing", word: "blocked, though it is allowed" };
  return { sign: "·", style: "blocked", word: "blocked" };
}

function differenceList(different: readonly ReachPair[]): string {
  if (different.length === 0) return "";
  const items = different.slice(0, 50).map((pair) => {
    const { word, style } = lookOf(pair);
    return `<li><span class="cell cell-${style}">${lookOf(pair).sign}</span> <code>${html(`${pair.from} → ${pair.to}`)}</code> ${word}. <span class="soft">${html(pair.evidence)}</span></li>`;
  });
  const more = different.length > 50 ? `<li>and ${different.length - 50} more</li>` : "";
  return `<ul class="differences">${items.join("")}${more}</ul>`;
}

function table(pairs: readonly ReachPair[], different: readonly ReachPair[]): string {
  const sources = [...new Set(pairs.map((pair) => pair.from))];
  const small = sources.length <= wholeTableUpTo;
  const shown = small ? pairs : pairs.filter((pair) => different.some((other) => other.from === pair.from));
  const rows = [...new Set(shown.map((pair) => pair.from))].slice(0, 200);
  const targets = new Set((small ? shown : different).map((pair) => pair.to));
  const columns = [...rows.filter((name) => targets.has(name)), ...[...targets].filter((name) => !rows.includes(name))];
  if (rows.length === 0) return "";
  const byKey = new Map(shown.map((pair) => [`${pair.from}\n${pair.to}`, pair] as const));
  const head = columns
    .slice(0, 200)
    .map((to) => `<th scope="col"><span>${html(to)}</span></th>`)
    .join("");
  const body = rows.map((from) => {
    const cells = columns.slice(0, 200).map((to) => cell(from === to ? undefined : byKey.get(`${from}\n${to}`)));
    return `<tr><th scope="row">${html(from)}</th>${cells.join("")}</tr>`;
  });
  const note = small ? "" : '<p class="soft">Only services with a difference are shown.</p>';
  return `${note}<p class="soft">Rows open connections to columns: <b>●</b> reached, <b>·</b> blocked, <b>✗</b> open though nothing allows it, <b>!</b> blocked though allowed, <b>?</b> could not be told.</p><div class="table-scroll fit"><table class="matrix"><thead><tr><td></td>${head}</tr></thead><tbody>${body.join("")}</tbody></table></div>`;
}

function cell(pair: ReachPair | undefined): string {
  if (pair === undefined) return '<td class="cell cell-none"></td>';
  const { sign, style, word } = lookOf(pair);
  return `<td class="cell cell-${style}" title="${html(`${pair.from} → ${pair.to}: ${word}. ${pair.evidence}`)}">${sign}</td>`;
}

function blindList(blind: readonly string[]): string {
  if (blind.length === 0) return "";
  return `<h3 class="apart">What could not be measured</h3><ul>${blind.map((sentence) => `<li>${html(sentence)}</li>`).join("")}</ul>`;
}
