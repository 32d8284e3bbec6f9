import { compareSeverity, type ItemVerdicts, type Judgement, type VerdictKind } from "../../contracts/verdict.ts";
import { knownValue } from "../../facts/fact.ts";
import { isNarrowed } from "../../facts/narrowed.ts";
import type { Listener } from "../../facts/subjects.ts";
import { forbid } from "../judge.ts";
import { publishedWhere } from "./listeners.ts";

/**
 * Forbids that a listener can be reached from beyond the host; `because` is the clause that says what it is. On one
 * address of the host it fails as on all of them: who can route to that address is not known here.
 */
export function forbidPublished(
  listener: Listener,
  because: string,
  extras: Pick<Judgement, "severity" | "remedy" | "apart"> = {},
): Judgement {
  const judgement = forbid(listener.reach, (reach) => reach === "everywhere" || reach === "one-address", {
    what: "the reach of the port",
  });
  if (judgement.verdict !== "fail") return judgement;
  const found = { ...judgement, message: `${publishedWhere(listener)}, ${because}`, ...extras };
  // Who is named may come; that others may not is worth a step or two.
  const grave = compareSeverity(found.severity ?? "high", "medium") > 0;
  return isNarrowed(listener) && grave ? { ...found, severity: "medium" } : found;
}

/**
 * Which items of the CIS Docker Benchmark a published port fails: that it is open (5.9), on a privileged port of the host
 * (5.8), on every address of it (5.14).
 */
export function itemsOfPort({ hostPort, hostPortRange, reach }: Listener): ItemVerdicts {
  const lowest = hostPortRange?.[0] ?? (hostPort === undefined ? undefined : knownValue(hostPort));
  const items = new Map<string, VerdictKind>([["5.9", "fail"]]);
  if (lowest !== undefined && lowest > 0 && lowest < 1024) items.set("5.8", "fail");
  else if (hostPort?.kind === "unknown") items.set("5.8", "unknown");
  if (knownValue(reach) === "everywhere") items.set("5.14", "fail");
  return { cisDocker: items };
}

/** What of a Service publishes it whatever type it has; undefined where its type does. */
export function publishingBesideType({ publisher }: Listener): string | undefined {
  if (publisher?.externalAddresses === true) return "`externalIPs`";
  return publisher?.annotation === undefined ? undefined : `the annotation \`${publisher.annotation}\``;
}

/** What takes the publication away, in the words of the platform that the listener is of. */
export function unpublish(listener: Listener): string {
  if (listener.platform === "incus") {
    return listener.publishedBy === undefined
      ? "Remove the proxy device"
      : `Remove the port from ${listener.publishedBy}`;
  }
  if (listener.platform !== "kubernetes") return "Remove the port from `ports:`";
  const { publisher } = listener;
  if (publisher === undefined) return "Remove `hostPort`, or `hostNetwork` where that publishes it";
  const { kind, name } = publisher;
  if (kind !== "Service") return `Remove the ${kind} ${name}`;
  const besides = publishingBesideType(listener);
  return besides === undefined
    ? `Give the Service ${name} \`type: ClusterIP\``
    : `Remove ${besides} from the Service ${name}`;
}

/** How the port would be bound to the host's loopback, as it is written in the file: `"127.0.0.1:8080:80"`. */
export function onLoopback(listener: Listener): string {
  if (listener.platform === "incus") {
    const own = listener.hostPort === undefined ? undefined : knownValue(listener.hostPort);
    // Taken out of its range, it would take the other ports with it.
    const port = listener.publishedRange?.ports ?? own;
    return `\`listen = "${knownValue(listener.protocol) ?? "tcp"}:127.0.0.1:${port ?? 8080}"\``;
  }
  return `\`"${loopbackText(listener) ?? "127.0.0.1:8080:8080"}"\``;
}

/** The same without marks, with the host's port as it is: one, any of a range, or left to the engine. */
export function loopbackText(listener: Listener): string | undefined {
  const port = knownValue(listener.port);
  const hostPort = portsOnHost(listener);
  const protocol = knownValue(listener.protocol) ?? "tcp";
  if (port === undefined || hostPort === undefined) return undefined;
  return `127.0.0.1:${hostPort}:${port}${protocol === "tcp" ? "" : `/${protocol}`}`;
}

/** As it is written before the port inside; undefined where it is not known. One that is not published has none yet. */
function portsOnHost({ port, hostPort = port, hostPortRange }: Listener): string | undefined {
  if (hostPortRange !== undefined) return hostPortRange.join("-");
  return hostPort.kind === "unstated" ? "" : knownValue(hostPort)?.toString();
}
