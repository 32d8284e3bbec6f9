import type { MatcherSet, RateLimitHandler, RateZone } from "../caddy-json/model.ts";
import { secondsOf } from "../caddy-json/nodes.ts";
import { numberOf } from "./arguments-of.ts";
import type { Line } from "./tree.ts";

/** `rate_limit { zone NAME { key … window … events … match { … } } }`. Source: `caddyfile.go` of mholt/caddy-ratelimit 0.1. */
export function rateLimitHandler(
  { block, place }: Line,
  readSet: (lines: readonly Line[]) => MatcherSet,
): RateLimitHandler {
  const zones = (block ?? []).filter(({ name }) => name.text === "zone").map((line) => zone(line, readSet));
  return { kind: "rate-limit", zones, place };
}

function zone({ block, place }: Line, readSet: (lines: readonly Line[]) => MatcherSet): RateZone {
  const lines = block ?? [];
  const value = (key: string) => lines.find(({ name }) => name.text === key)?.args[0];
  const window = value("window");
  const matches = lines.filter(({ name }) => name.text === "match");
  return {
    match: matches.map((line) => readSet(line.block ?? [])),
    events: numberOf(value("events")),
    windowSeconds: window === undefined || window.unresolved !== undefined ? undefined : secondsOf(window.text),
    place,
  };
}
