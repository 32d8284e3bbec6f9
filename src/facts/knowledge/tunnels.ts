/**
 * Containers that make a way in from outside though no port is published: they open a connection to somebody on the
 * internet, and visitors come back by it.
 *
 * Sources: Cloudflare's documentation, "Cloudflare Tunnel" (cloudflared's Dockerfile: the image starts `version` unless
 * it is told `tunnel`); Pangolin's, "Install sites" (Newt); zrok's, "Getting started with Docker" (`share` makes the way,
 * `access` uses another's); ngrok's, "Using ngrok with Docker"; frp's README (`frpc` runs beside the service);
 * playit.gg's docker page; Tailscale's, "Docker configuration parameters" and "Tailscale Funnel".
 */
import { type SeenCommand, seenStart } from "../command-words.ts";
import { knownValue } from "../fact.ts";
import type { Container, Workload } from "../subjects.ts";
import type { System } from "../system.ts";
import { softwareOfImage } from "./roles.ts";

export interface Tunnel {
  /** What it is, as a clause: `is the end of a Cloudflare Tunnel`. */
  readonly what: string;
  /** Only what shares its network namespace is reached by it. */
  readonly ownNamespace?: true;
}

interface Row extends Tunnel {
  /** By the name in `software.ts`. */
  readonly software: string;
  /** Whether it is told to make the way in; absent: it does nothing else. */
  readonly isTold?: (container: Container, seen: SeenCommand) => boolean;
}

const rows: readonly Row[] = [
  { software: "cloudflared", what: "is the end of a Cloudflare Tunnel", isTold: runsTunnel },
  { software: "newt", what: "is the end of a tunnel of Pangolin" },
  { software: "ngrok", what: "is the end of a tunnel of ngrok" },
  { software: "frpc", what: "is the end of a tunnel of frp" },
  { software: "playit", what: "is the end of a tunnel of playit.gg" },
  { software: "zrok", what: "is the end of a tunnel of zrok", isTold: sharesSomething },
  { software: "tailscale", what: "is a node of a tailnet, and hands on what comes by it", isTold: handsOn },
  { software: "tailscale", what: "is a node of a tailnet", ownNamespace: true },
];

const bySoftware = Map.groupBy(rows, ({ software }) => software);

/** What lets visitors in by a workload without a port of its own; undefined for one that is not known to. */
export function tunnelOf(workload: Workload, system: System): Tunnel | undefined {
  for (const container of system.containersOf(workload)) {
    const image = container.image === undefined ? undefined : system.get(container.image);
    const name = image === undefined ? undefined : softwareOfImage(image)?.name;
    const row = bySoftware.get(name ?? "")?.find(({ isTold }) => isTold?.(container, seenStart(container)) ?? true);
    if (row !== undefined) return row;
  }
  return undefined;
}

/** With `proxy-dns` alone it answers questions for names, and makes no tunnel. */
function runsTunnel({ environment }: Container, { words, hidden }: SeenCommand): boolean {
  const text = words.join(" ");
  if (environment.items.some(({ name }) => /^TUNNEL_(?:TOKEN(?:_FILE)?|URL|NAME|ID|HOSTNAME)$/.test(name))) return true;
  if (/(?:^|[\s=-])proxy-dns\b/.test(text)) return false;
  return hidden !== undefined || /(?:^|[\s/])tunnel(?:\s|$)/.test(text);
}

function sharesSomething(_container: Container, { words, hidden }: SeenCommand): boolean {
  return hidden !== undefined || /\bshare\b|\bagent\b/.test(words.join(" "));
}

/** Into other containers, that is; those that share its network are reached whatever it is told. */
function handsOn({ environment }: Container, { words, hidden }: SeenCommand): boolean {
  const told = /^TS_(?:SERVE_CONFIG|ROUTES|DEST_IP|EXPERIMENTAL_DEST_DNS_NAME)$/;
  const given = environment.items.some(
    ({ name, value }) =>
      (told.test(name) && knownValue(value)?.reveal().trim() !== "") ||
      (name === "TS_EXTRA_ARGS" && /--advertise-routes/.test(knownValue(value)?.reveal() ?? "")),
  );
  return given || hidden !== undefined || /\b(?:serve|funnel)\b|--advertise-routes/.test(words.join(" "));
}
