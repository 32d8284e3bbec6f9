import type { RateLimit } from "../../facts/subjects.ts";

/** `100 requests in 60 s`, or `off`. */
export function showRate(limit: RateLimit | "none"): string {
  return limit === "none" ? "off" : `${limit.requests} requests in ${limit.windowSeconds} s`;
}
