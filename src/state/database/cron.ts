import { RingwallError } from "../../lib/error.ts";

interface Field {
  readonly name: string;
  readonly from: number;
  readonly to: number;
}

const fields: readonly Field[] = [
  { name: "minute", from: 0, to: 59 },
  { name: "hour", from: 0, to: 23 },
  { name: "day of the month", from: 1, to: 31 },
  { name: "month", from: 1, to: 12 },
  { name: "day of the week", from: 0, to: 7 },
];

/** The first minute after a moment that a cron expression names, in UTC. Throws `invalid` on a wrong expression. */
export function nextTime(expression: string, after: Date): Date {
  const [minutes, hours, days, months, weekdays] = parse(expression);
  const [, , dayText = "*", , weekdayText = "*"] = expression.trim().split(/\s+/);
  // crontab(5): when both days are restricted, either one suffices.
  const either = !dayText.startsWith("*") && !weekdayText.startsWith("*");
  const matchesDay = (at: Date) => {
    const day = days?.has(at.getUTCDate()) === true;
    const weekday = weekdays?.has(at.getUTCDay()) === true;
    return either ? day || weekday : day && weekday;
  };
  const at = new Date(Math.floor(after.getTime() / 60_000) * 60_000 + 60_000);
  // Eight years hold a 29 February, whichever weekday is asked for with it.
  const end = after.getTime() + 8 * 366 * 86_400_000;
  while (at.getTime() <= end) {
    if (months?.has(at.getUTCMonth() + 1) !== true || !matchesDay(at)) at.setUTCHours(24, 0, 0, 0);
    else if (hours?.has(at.getUTCHours()) !== true) at.setUTCMinutes(60, 0, 0);
    else if (minutes?.has(at.getUTCMinutes()) !== true) at.setUTCMinutes(at.getUTCMinutes() + 1);
    else return at;
  }
  throw invalid(expression, "no day is ever like that");
}

function parse(expression: string): readonly Set<number>[] {
  const parts = expression.trim().split(/\s+/);
  if (parts.length !== fields.length) throw invalid(expression, `it has ${parts.length} fields and not five`);
  return fields.map((field, index) => {
    const values = new Set<number>();
    for (const part of (parts[index] ?? "").split(","))
      for (const value of range(expression, field, part)) values.add(value);
    if (field.to === 7 && values.has(7)) values.add(0);
    return values;
  });
}

/** `*`, `7`, `1-5`, each with `/2` behind it. */
function range(expression: string, field: Field, part: string): number[] {
  const match = /^(?:\*|(\d{1,2})(?:-(\d{1,2}))?)(?:\/(\d{1,2}))?$/.exec(part);
  const step = Number(match?.[3] ?? 1);
  const from = match?.[1] === undefined ? field.from : Number(match[1]);
  const single = match?.[1] !== undefined && match[2] === undefined && match[3] === undefined;
  const to = match?.[2] === undefined ? (single ? from : field.to) : Number(match[2]);
  if (match === null || step === 0 || from < field.from || to > field.to || from > to) {
    throw invalid(expression, `"${part}" is no ${field.name} (${field.from} to ${field.to})`);
  }
  const values: number[] = [];
  for (let value = from; value <= to; value += step) values.push(value);
  return values;
}

function invalid(expression: string, why: string): RingwallError {
  return new RingwallError("invalid", `"${expression}" is no schedule: ${why}.`, {
    hint: 'Five fields are expected, in UTC: minute, hour, day of the month, month, day of the week, such as "0 3 * * 1".',
  });
}
