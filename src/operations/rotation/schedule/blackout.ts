import { type BlackoutWindow, parseBlackout } from "../../../stack/blackout.ts";
import { type WallTime, wallTime } from "./local-time.ts";

const minuteMs = 60_000;
const weekMinutes = 7 * 24 * 60;

/** When nothing is rotated unasked. */
export interface Blackouts {
  readonly windows: readonly BlackoutWindow[];
  readonly timezone: string;
}

/** The windows of a declaration; texts that the schema has let through. */
export function blackoutsOf(rotation: { readonly blackout: readonly string[]; readonly timezone: string }): Blackouts {
  return { windows: rotation.blackout.flatMap((text) => parseBlackout(text) ?? []), timezone: rotation.timezone };
}

export function isBlackedOut(at: Date, { windows, timezone }: Blackouts): boolean {
  if (windows.length === 0) return false;
  const wall = wallTime(at, timezone);
  return windows.some((window) => covers(window, wall));
}

function covers(window: BlackoutWindow, wall: WallTime): boolean {
  if (window.kind === "days") return within(wall.month * 100 + wall.day, window.from, window.to + 1);
  return within((wall.weekday * 24 * 60 + wall.minute) % weekMinutes, window.from, window.to);
}

/** From the first up to, not including, the second, on a circle: the second may be the smaller. */
function within(at: number, from: number, to: number): boolean {
  return from < to ? at >= from && at < to : at >= from || at < to;
}

/**
 * The first moment from one on that no window covers, to the minute; undefined when none comes within two years, which
 * means that the windows leave nothing.
 */
export function firstAllowed(from: Date, blackouts: Blackouts): Date | undefined {
  if (!isBlackedOut(from, blackouts)) return from;
  const last = from.getTime() + 2 * 366 * 24 * 60 * minuteMs;
  // Windows begin and end at whole minutes; an hour's steps find the end roughly, a minute's exactly.
  for (let hour = from.getTime(); hour <= last; hour += 60 * minuteMs) {
    if (isBlackedOut(new Date(hour), blackouts)) continue;
    return firstMinute(hour - 60 * minuteMs, hour, blackouts);
  }
  return undefined;
}

function firstMinute(after: number, until: number, blackouts: Blackouts): Date {
  for (let at = Math.ceil(after / minuteMs) * minuteMs; at < until; at += minuteMs) {
    if (at > after && !isBlackedOut(new Date(at), blackouts)) return new Date(at);
  }
  return new Date(until);
}
