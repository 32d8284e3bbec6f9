/** Lines around a change that are shown. */
const context = 3;
/** More differences than any mending makes; beyond, the whole text is shown as replaced. */
const mostDifferences = 2_000;

/** One line of a comparison. */
interface Line {
  readonly mark: " " | "-" | "+";
  readonly text: string;
}

/**
 * The difference of two texts in the unified format, as `patch` and `git apply` read it; empty where there is none.
 * `path` is relative, `/` between the parts. A text that is `undefined` is a file that is not there. `show` says how a
 * line is shown, where not as it is.
 */
export function unifiedDiff(
  path: string,
  before: string | undefined,
  after: string,
  show: (line: string) => string = (line) => line,
): string {
  if (before === after) return "";
  const lines = compare(linesOf(before ?? ""), linesOf(after));
  const old = before === undefined ? "/dev/null" : `a/${path}`;
  return [`--- ${old}\n`, `+++ b/${path}\n`, ...hunksOf(lines, show)].join("");
}

/** Lines with their ends; the last may have none. */
function linesOf(text: string): readonly string[] {
  return text === "" ? [] : text.split(/(?<=\n)/);
}

/**
 * The shortest way from one list of lines to the other, as Myers found it (1986): for each number of differences, how far
 * each diagonal of the two gets.
 */
function compare(a: readonly string[], b: readonly string[]): readonly Line[] {
  const reached = new Map<number, number>([[1, 0]]);
  const trace: ReadonlyMap<number, number>[] = [];
  for (let differences = 0; differences <= Math.min(a.length + b.length, mostDifferences); differences++) {
    trace.push(new Map(reached));
    for (let diagonal = -differences; diagonal <= differences; diagonal += 2) {
      const from = cameFrom(reached, diagonal, differences);
      let x = (reached.get(from) ?? 0) + (from < diagonal ? 1 : 0);
      while (x < a.length && x - diagonal < b.length && a[x] === b[x - diagonal]) x++;
      reached.set(diagonal, x);
      if (x >= a.length && x - diagonal >= b.length) return wayBack(a, b, trace);
    }
  }
  return [...a.map((text) => ({ mark: "-", text }) as const), ...b.map((text) => ({ mark: "+", text }) as const)];
}

/** The diagonal that gets further: the one above, by a line added, or the one below, by a line taken away. */
function cameFrom(reached: ReadonlyMap<number, number>, diagonal: number, differences: number): number {
  if (diagonal === -differences) return diagonal + 1;
  if (diagonal === differences) return diagonal - 1;
  return (reached.get(diagonal - 1) ?? -1) < (reached.get(diagonal + 1) ?? -1) ? diagonal + 1 : diagonal - 1;
}

function wayBack(
  a: readonly string[],
  b: readonly string[],
  trace: readonly ReadonlyMap<number, number>[],
): readonly Line[] {
  const lines: Line[] = [];
  let x = a.length;
  let y = b.length;
  const back = (toX: number, toY: number) => {
    while (x > toX && y > toY) {
      x--;
      y--;
      lines.push({ mark: " ", text: a[x] ?? "" });
    }
  };
  for (let differences = trace.length - 1; differences > 0; differences--) {
    const reached = trace[differences] ?? new Map<number, number>();
    const from = cameFrom(reached, x - y, differences);
    const toX = reached.get(from) ?? 0;
    const added = from > x - y;
    back(added ? toX : toX + 1, added ? toX - from + 1 : toX - from);
    lines.push(added ? { mark: "+", text: b[--y] ?? "" } : { mark: "-", text: a[--x] ?? "" });
  }
  back(0, 0);
  return lines.reverse();
}

function hunksOf(lines: readonly Line[], show: (line: string) => string): readonly string[] {
  const hunks: string[] = [];
  for (let at = 0; at < lines.length; ) {
    const first = lines.findIndex((line, index) => index >= at && line.mark !== " ");
    if (first === -1) break;
    let last = first;
    for (let next = first; next < lines.length && next <= last + 2 * context; next++) {
      if (lines[next]?.mark !== " ") last = next;
    }
    const start = Math.max(at, first - context);
    const end = Math.min(lines.length, last + context + 1);
    hunks.push(hunk(lines, start, end, show));
    at = end;
  }
  return hunks;
}

function hunk(lines: readonly Line[], start: number, end: number, show: (line: string) => string): string {
  const count = (from: number, to: number, mark: "-" | "+") =>
    lines.slice(from, to).filter((line) => line.mark === " " || line.mark === mark).length;
  const range = (mark: "-" | "+") => {
    const length = count(start, end, mark);
    const first = count(0, start, mark) + (length === 0 ? 0 : 1);
    return length === 1 ? `${first}` : `${first},${length}`;
  };
  const body = lines.slice(start, end).map(({ mark, text }) => {
    const ended = text.endsWith("\n");
    const line = show(text);
    return `${mark}${ended ? line : `${line.replace(/\n$/, "")}\n\\ No newline at end of file\n`}`;
  });
  return `@@ -${range("-")} +${range("+")} @@\n${body.join("")}`;
}
