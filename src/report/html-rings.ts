import { html } from "./escape.ts";
import { alarmOf, type RingPosture } from "./posture.ts";

const size = 440;
const centre = size / 2;
const outermost = 208;
const step = 15.5;
const width = 10;
/** Degrees left open at the top, so that beginning and end of an arc are told apart. */
const opening = 4;

const words: Record<RingPosture["state"], string> = {
  holds: "holds",
  open: "open",
  unsure: "cannot be told",
  unjudged: "nothing to judge",
};

/**
 * The ten rings, one within the other: of each the part that holds, that failed, that cannot be told, and that is
 * waived, as shares of what was judged. In the middle how many findings are to be mended first.
 */
export function ringsFigure(
  rings: readonly RingPosture[],
  middle: { readonly figure: string; readonly caption: string },
): string {
  const arcs = rings.map((ring, index) => ringArcs(ring, outermost - index * step)).join("");
  const described = rings.map((ring) => `${ring.ring}: ${words[ring.state]}`).join("; ");
  return `<svg class="rings" viewBox="0 0 ${size} ${size}" role="img" aria-labelledby="rings-title">
<title id="rings-title">${html(`The ten rings of defence from the outermost to the innermost. ${described}.`)}</title>
${arcs}
<text class="rings-figure" x="${centre}" y="${centre + 8}">${html(middle.figure)}</text>
<text class="rings-caption" x="${centre}" y="${centre + 27}">${html(middle.caption)}</text>
</svg>`;
}

function ringArcs(posture: RingPosture, radius: number): string {
  const { ring, state, tally } = posture;
  const judged = tally.passed + tally.failed + tally.unknown + tally.waived;
  const track = `<circle class="track${judged === 0 ? " track-empty" : ""}" cx="${centre}" cy="${centre}" r="${radius}" stroke-width="${judged === 0 ? 1.5 : width}"/>`;
  if (judged === 0) return `<g data-ring="${ring}">${track}</g>`;
  const shares: readonly (readonly [string, number])[] = [
    [`fail arc-${alarmOf(posture)}`, tally.failed],
    ["unknown", tally.unknown],
    ["waived", tally.waived],
    ["hold", tally.passed],
  ];
  // A ring that failed a little is not to look whole: a share that is not nothing is at least this wide.
  const least = 5;
  const widths = shares.map(([name, count]) => ({
    name,
    degrees: count === 0 ? 0 : Math.max(least, (count / judged) * (360 - opening)),
  }));
  const total = widths.reduce((sum, { degrees }) => sum + degrees, 0);
  const scale = (360 - opening) / total;
  let at = opening / 2;
  const arcs = widths.map(({ name, degrees }) => {
    const from = at;
    at += degrees * scale;
    return degrees === 0 ? "" : `<path class="arc arc-${name}" d="${arc(radius, from, at)}" stroke-width="${width}"/>`;
  });
  return `<g data-ring="${ring}" data-state="${state}"><title>${html(`${ring}: ${words[state]}, ${tally.passed} of ${judged} checks hold`)}</title>${track}${arcs.join("")}</g>`;
}

/** An arc clockwise from the top; a whole circle is drawn a hair short. */
function arc(radius: number, from: number, to: number): string {
  const end = Math.min(to, from + 359.9);
  const [x1, y1] = point(radius, from);
  const [x2, y2] = point(radius, end);
  return `M${x1} ${y1}A${radius} ${radius} 0 ${end - from > 180 ? 1 : 0} 1 ${x2} ${y2}`;
}

function point(radius: number, degrees: number): readonly [number, number] {
  const radians = ((degrees - 90) * Math.PI) / 180;
  return [round(centre + radius * Math.cos(radians)), round(centre + radius * Math.sin(radians))];
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}

/** The rings as a list: what the figure shows, in words and numbers; each leads to its findings. */
export function ringsList(rings: readonly RingPosture[]): string {
  const rows = rings.map((posture) => {
    const { ring, state, tally, worst, findings } = posture;
    const judged = tally.passed + tally.failed + tally.unknown + tally.waived;
    const share = judged === 0 ? "" : `${tally.passed}<span class="of"> of ${judged}</span>`;
    const verdict =
      state === "open" && worst !== undefined
        ? `<span class="badge sev-${worst}">${worst}</span>`
        : `<span class="ring-word">${words[state]}</span>`;
    const name =
      findings === 0
        ? `<span class="ring-name">${ring}</span>`
        : `<a class="ring-name" href="#findings" data-filter-ring="${ring}">${ring}</a>`;
    return `<li class="ring-row state-${state}${state === "open" ? ` alarm-${alarmOf(posture)}` : ""}"><span class="dot" aria-hidden="true"></span>${name}<span class="ring-share">${share}</span>${verdict}</li>`;
  });
  return `<ol class="ring-list">${rows.join("")}</ol>`;
}
