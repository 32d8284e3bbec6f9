import { knownValue } from "../facts/fact.ts";
import { tunnelOf } from "../facts/knowledge/tunnels.ts";
import type { Listener, Workload } from "../facts/subjects.ts";
import type { System } from "../facts/system.ts";
import type { ConfigInput } from "../formats/config-format.ts";
import { isPrivateAddress, leadsToItself } from "../lib/own-address.ts";

type Resolved = ReturnType<NonNullable<ConfigInput["resolve"]>>;

/** Names by which a container calls the machine that it runs on. */
export const hostNames =
  /^(?:host\.docker\.internal|host\.containers\.internal|gateway\.docker\.internal|172\.17\.0\.1)$/i;

/** Who answers under a name and a port, as one of a system's workloads sees it, or a program on the machine itself. */
export class NameFinder {
  readonly #byName = new Map<string, Workload>();
  readonly #byAddress = new Map<string, Workload>();
  readonly #system: System;
  #published: ReadonlyMap<number, readonly PublishedPort[]> | undefined;

  constructor(system: System) {
    this.#system = system;
    for (const workload of system.all("workload")) {
      for (const name of namesOf(workload)) {
        if (!this.#byName.has(name.toLowerCase())) this.#byName.set(name.toLowerCase(), workload);
      }
      for (const { address } of workload.attachments.items)
        if (address !== undefined) this.#byAddress.set(address, workload);
    }
  }

  /** Every name and address that is answered to, names in lower case. */
  *names(): Generator<string> {
    yield* this.#byName.keys();
    yield* this.#byAddress.keys();
  }

  /** The ports of the machine that are answered on. */
  hostPorts(): Iterable<number> {
    return this.#onHosts().keys();
  }

  /** By name, alias and container name; `localhost` is the one that asks. */
  find(host: string, owner: Workload | undefined): Workload | undefined {
    return leadsToItself(host) ? owner : (this.#byName.get(host.toLowerCase()) ?? this.#byAddress.get(host));
  }

  /** The workload and its own port; undefined for what is none of them. */
  resolve(host: string, port: number, owner: Workload | undefined): Resolved {
    const named = this.#byName.get(host.toLowerCase()) ?? this.#byAddress.get(host);
    if (named !== undefined) return { workload: named, port };
    const onHost = owner === undefined || knownValue(owner.networkMode)?.kind === "host";
    if (leadsToItself(host)) return onHost ? this.onHost(port, true) : this.#beside(owner, port);
    if (hostNames.test(host)) return this.onHost(port, false);
    return isPrivateAddress(host) ? this.#perhaps(host, port) : undefined;
  }

  /** What answers on a port of the machine. `local` for one who asks from there, and reaches its loopback too. */
  onHost(port: number, local: boolean): { readonly workload: Workload; readonly port: number } | undefined {
    const found = this.#onHosts()
      .get(port)
      ?.find(({ reach }) => local || reach !== "loopback");
    return found === undefined ? undefined : { workload: found.workload, port: found.port };
  }

  /** `localhost` in a network that several share: the one of them that listens there. */
  #beside(owner: Workload, port: number): Resolved {
    const holder = knownValue(owner.networkMode);
    const space = holder?.kind === "shared" ? holder.with : owner.ref.name;
    const others = this.#system.all("workload").filter((workload) => {
      const mode = knownValue(workload.networkMode);
      return workload.ref.name === space || (mode?.kind === "shared" && mode.with === space);
    });
    const listening = others.find((workload) =>
      this.#system.ownedBy(workload.ref, "listener").some((listener) => knownValue(listener.port) === port),
    );
    if (listening !== undefined || tunnelOf(owner, this.#system) === undefined)
      return { workload: listening ?? owner, port };
    // The end of a tunnel answers nobody itself: what it hands on to localhost is one of those beside it.
    const [only, ...further] = others.filter((workload) => workload !== owner);
    if (only === undefined || further.length === 0) return { workload: only ?? owner, port };
    const names = others.flatMap((workload) => (workload === owner ? [] : workload.ref.name)).join(", ");
    return { doubt: `which of ${names} listens on port ${port} is not in these files` };
  }

  /** An address of one's own network that may be this machine's. */
  #perhaps(host: string, port: number): Resolved {
    const found = this.#onHosts()
      .get(port)
      ?.find(({ reach, address }) => reach === "everywhere" || address === host);
    if (found === undefined) return undefined;
    if (found.reach === "one-address") return { workload: found.workload, port: found.port };
    return {
      doubt: `it leads to ${host}:${port}, which may be this machine, where ${found.workload.ref.name} has that port`,
    };
  }

  #onHosts(): ReadonlyMap<number, readonly PublishedPort[]> {
    this.#published ??= Map.groupBy(publishedPorts(this.#system), ({ hostPort }) => hostPort);
    return this.#published;
  }
}

interface PublishedPort {
  readonly hostPort: number;
  readonly port: number;
  readonly reach: string | undefined;
  readonly address: string | undefined;
  readonly workload: Workload;
}

function publishedPorts(system: System): readonly PublishedPort[] {
  return system.all("listener").flatMap((listener: Listener): PublishedPort[] => {
    const workload = system.workload(listener.owner);
    const hostPort = listener.hostPort === undefined ? undefined : knownValue(listener.hostPort);
    const port = knownValue(listener.port);
    if (workload === undefined || hostPort === undefined || port === undefined) return [];
    if (knownValue(listener.protocol) === "udp") return [];
    const address = listener.hostAddress === undefined ? undefined : knownValue(listener.hostAddress);
    return [{ hostPort, port, reach: knownValue(listener.reach), address, workload }];
  });
}

function namesOf(workload: Workload): readonly string[] {
  const container = workload.compose === undefined ? undefined : knownValue(workload.compose.containerName);
  return [
    workload.ref.name,
    ...workload.attachments.items.flatMap((attachment) => attachment.aliases),
    ...(container === undefined || container === "" ? [] : [container]),
  ];
}
