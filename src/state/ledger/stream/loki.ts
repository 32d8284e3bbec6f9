/** Entries as Loki's push API takes them (`POST /loki/api/v1/push`, JSON; Grafana Loki documentation 3.x). */
import { type LedgerEntry, leafText } from "../entry.ts";

/** Few labels with few values, as Loki wants: what is told apart by them is a stream of its own. */
export function lokiBody(origin: string, entries: readonly LedgerEntry[]): string {
  const streams = Map.groupBy(entries, ({ outcome }) => outcome);
  return JSON.stringify({
    streams: [...streams].map(([outcome, those]) => ({
      stream: { job: "ringwall-ledger", ledger: origin, outcome },
      values: those.map((entry) => [nanoseconds(entry.at), entryJson(origin, entry)]),
    })),
  });
}

/** One entry as one line of JSON: the leaf, with where it stands. */
export function entryJson(origin: string, entry: LedgerEntry): string {
  const { index, ...action } = entry;
  return JSON.stringify({ ledger: origin, index, ...JSON.parse(leafText(action)) });
}

function nanoseconds(at: string): string {
  return `${Date.parse(at)}000000`;
}
