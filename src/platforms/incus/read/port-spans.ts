import { serviceOnPort } from "../../../facts/knowledge/services.ts";
import type { Listener, PortSpans, Protocol } from "../../../facts/subjects.ts";

/** Ports of one line that are told one by one; of more the range is told, and in it the ports that are known. */
const mostSingle = 8;
/** Those that are scanned for and taken over first: of a range with more known ports than are told, these alone. */
const sought = new Set([21, 23, 2375, 3306, 5432, 6379, 9200, 27017]);
const lastPort = 65_535;

/** `80`, `80-90`, `80, 443` (the server drops spaces); undefined for what are no ports. */
export function spansOf(text: string): PortSpans | undefined {
  const written = text.replaceAll(/\s/g, "");
  if (!/^\d{1,5}(?:-\d{1,5})?(?:,\d{1,5}(?:-\d{1,5})?)*$/.test(written)) return undefined;
  return written.split(",").flatMap((part): PortSpans => {
    const [first = 0, last = first] = part.split("-").map(Number);
    return first > last || first > lastPort ? [] : [[first, Math.min(last, lastPort)]];
  });
}

/** One port of the host that is told of. */
export interface ToldPort {
  readonly hostPort: number;
  /** Inside; undefined where it cannot be told. */
  readonly port: number | undefined;
  readonly publishedRange?: NonNullable<Listener["publishedRange"]>;
}

/** The ports of one line. To a single port inside every one of them leads. */
export function portsTold(from: PortSpans, to: PortSpans | undefined, protocol: Protocol): readonly ToldPort[] {
  const all = paired(from, to);
  if (all.length <= mostSingle) return all;
  const ports = from.map(([first, last]) => (first === last ? `${first}` : `${first}-${last}`)).join(",");
  const seen = new Set<number>();
  const forInside = all.filter(({ port, hostPort }) => {
    const inside = port ?? hostPort;
    return isForInside(inside, protocol) && seen.size < seen.add(inside).size;
  });
  const known =
    forInside.length <= mostSingle ? forInside : forInside.filter(({ port, hostPort }) => sought.has(port ?? hostPort));
  const rest = all.find(({ port, hostPort }) => serviceOnPort(port ?? hostPort, protocol) === undefined);
  return [
    ...(rest === undefined ? [] : [{ ...rest, publishedRange: { ports, stands: true, inside: to } }]),
    ...known.map((each) => ({ ...each, publishedRange: { ports, stands: rest === undefined, inside: to } })),
  ];
}

function paired(from: PortSpans, to: PortSpans | undefined): readonly ToldPort[] {
  const inside = to === undefined ? undefined : singles(to);
  return singles(from).map((hostPort, at) => ({ hostPort, port: inside?.[at] ?? inside?.[0] }));
}

/** No more than there are ports, however often a text names the same. */
function singles(spans: PortSpans): readonly number[] {
  const found: number[] = [];
  for (const [first, last] of spans) {
    for (let port = first; port <= last && found.length <= lastPort; port++) found.push(port);
  }
  return found;
}

/** Whether what usually listens there is nothing for visitors, or takes passwords in the clear. */
function isForInside(port: number, protocol: Protocol): boolean {
  const service = serviceOnPort(port, protocol);
  if (service === undefined) return false;
  return service.internalOnly || (service.authenticates === "yes" && service.encrypts === "no");
}
