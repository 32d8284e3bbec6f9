/** Windows in which nothing is rotated unasked, as the declaration writes them. */
export type BlackoutWindow =
  /** Minutes of the week since Monday 00:00; `to` may be smaller, over the week's end. */
  | { readonly kind: "week"; readonly from: number; readonly to: number }
  /** Month times 100 plus day, both days within; `to` may be smaller, over the year's end. */
  | { readonly kind: "days"; readonly from: number; readonly to: number };

const weekdays = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
const weekPattern = /^([A-Za-z]{3}) ([01]\d|2[0-3]):([0-5]\d)-([A-Za-z]{3}) ([01]\d|2[0-3]):([0-5]\d)$/;
const daysPattern = /^(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])\.\.(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/;
const monthLengths = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** `Fri 18:00-Mon 06:00` or `12-20..01-03`; undefined for anything else. */
export function parseBlackout(text: string): BlackoutWindow | undefined {
  const week = weekPattern.exec(text);
  if (week !== null) {
    const from = minuteOfWeek(week[1], week[2], week[3]);
    const to = minuteOfWeek(week[4], week[5], week[6]);
    return from === undefined || to === undefined || from === to ? undefined : { kind: "week", from, to };
  }
  const days = daysPattern.exec(text);
  if (days === null) return undefined;
  const from = dayOfYear(days[1], days[2]);
  const to = dayOfYear(days[3], days[4]);
  return from === undefined || to === undefined ? undefined : { kind: "days", from, to };
}

function minuteOfWeek(day = "", hour = "", minute = ""): number | undefined {
  const index = weekdays.indexOf(day.toLowerCase());
  return index === -1 ? undefined : (index * 24 + Number(hour)) * 60 + Number(minute);
}

function dayOfYear(month = "", day = ""): number | undefined {
  return Number(day) > (monthLengths[Number(month) - 1] ?? 0) ? undefined : Number(month) * 100 + Number(day);
}
