/**
 * Durations, sizes and command lines as Compose reads and prints them.
 *
 * Sources: go-str2duration v2.1.0, docker/go-units v0.5.0 (`RAMInBytes`), mattn/go-shellwords v1.0.12, Go's
 * `time.Duration.String`.
 */

const nanoseconds = new Map<string, bigint>([
  ["ns", 1n],
  ["us", 1_000n],
  ["µs", 1_000n],
  ["μs", 1_000n],
  ["ms", 1_000_000n],
  ["s", 1_000_000_000n],
  ["m", 60_000_000_000n],
  ["h", 3_600_000_000_000n],
  ["d", 86_400_000_000_000n],
  ["w", 604_800_000_000_000n],
]);

/** Nanoseconds of `1h30m`, `1.5s`, `90s`, `1w2d`, `0`; undefined for what is no duration (`5` has no unit). */
export function parseDuration(text: string): bigint | undefined {
  const signed = /^[-+]/.test(text);
  const body = signed ? text.slice(1) : text;
  if (body === "0") return 0n;
  if (body === "") return undefined;
  let total = 0n;
  const part = /(\d*)(?:\.(\d*))?([^\d.]+)/y;
  while (part.lastIndex < body.length) {
    const match = part.exec(body);
    if (match === null) return undefined;
    const [, whole = "", fraction = "", unit = ""] = match;
    const size = nanoseconds.get(unit);
    if (size === undefined || (whole === "" && fraction === "")) return undefined;
    total += BigInt(whole === "" ? "0" : whole) * size;
    if (fraction !== "") total += BigInt(Math.trunc(Number(`0.${fraction}`) * Number(size)));
    if (total >= 2n ** 63n) return undefined;
  }
  return text.startsWith("-") ? -total : total;
}

/** `1m30s`, `1.5s`, `300ms`, `0s`: as Go prints a duration. */
export function formatDuration(duration: bigint): string {
  if (duration === 0n) return "0s";
  const sign = duration < 0n ? "-" : "";
  const size = duration < 0n ? -duration : duration;
  if (size < 1_000n) return `${sign}${size}ns`;
  if (size < 1_000_000n) return `${sign}${withFraction(size, 1_000n)}µs`;
  if (size < 1_000_000_000n) return `${sign}${withFraction(size, 1_000_000n)}ms`;
  const minutes = size / 60_000_000_000n;
  const seconds = `${withFraction(size % 60_000_000_000n, 1_000_000_000n)}s`;
  if (minutes === 0n) return sign + seconds;
  if (minutes < 60n) return `${sign}${minutes}m${seconds}`;
  return `${sign}${minutes / 60n}h${minutes % 60n}m${seconds}`;
}

function withFraction(amount: bigint, unit: bigint): string {
  const rest = amount % unit;
  if (rest === 0n) return String(amount / unit);
  const digits = String(rest)
    .padStart(String(unit).length - 1, "0")
    .replace(/0+$/, "");
  return `${amount / unit}.${digits}`;
}

const binaryUnits = "kmgtp";

/** Bytes of `512m`, `1.5 GiB`, `64kb`, `100`; undefined for what is no size. Units are powers of 1024. */
export function parseBytes(text: string): number | undefined {
  const match = /^(\+?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?) ?([a-zA-Z]{0,3})$/.exec(text);
  if (match === null) return undefined;
  const amount = Number(match[1]);
  const suffix = (match[2] ?? "").toLowerCase();
  if (suffix === "" || suffix === "b") return Math.trunc(amount);
  const power = binaryUnits.indexOf(suffix.slice(0, 1)) + 1;
  if (power === 0 || !["", "b", "ib"].includes(suffix.slice(1))) return undefined;
  return Math.trunc(amount * 1024 ** power);
}

/**
 * The words of a command line, or undefined when a quote or escape is left open. Quotes and backslashes are taken
 * off; the line ends at an unquoted `;`, `&`, `|`, `<` or `>`, as Compose has it.
 */
export function splitCommand(line: string): string[] | undefined {
  const words: string[] = [];
  let word = "";
  let begun = false;
  let quote: "" | "'" | '"' | "`" | ")" = "";
  let escaped = false;
  for (const char of line) {
    if (escaped) {
      word += char;
      escaped = false;
      begun = true;
    } else if (char === "\\" && quote !== "'") {
      escaped = true;
    } else if (/[ \t\r\n]/.test(char)) {
      if (quote !== "") word += char;
      else if (begun) {
        words.push(word);
        word = "";
        begun = false;
      }
    } else if ((char === '"' || char === "'") && (quote === "" || quote === char)) {
      begun = true;
      quote = quote === char ? "" : char;
    } else if (char === "`" && (quote === "" || quote === "`")) {
      quote = quote === "`" ? "" : "`";
      word += char;
      begun = true;
    } else if (char === "(" && (quote === "" || quote === ")")) {
      if (quote !== "" || !word.endsWith("$")) return undefined;
      quote = ")";
      word += char;
    } else if (char === ")" && (quote === "" || quote === ")")) {
      quote = quote === ")" ? "" : ")";
      word += char;
      begun = true;
    } else if (/[;&|<>]/.test(char) && quote === "") {
      if (char === ">" && /^[0-9]/.test(word)) begun = false;
      break;
    } else {
      word += char;
      begun = true;
    }
  }
  if (escaped || quote !== "") return undefined;
  if (begun) words.push(word);
  return words;
}
