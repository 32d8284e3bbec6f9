import { knownValue } from "../../../facts/fact.ts";
import type { Workload } from "../../../facts/subjects.ts";
import type { System } from "../../../facts/system.ts";
import type { ConfigInput } from "../../../formats/config-format.ts";
import { isLoopback } from "../../../lib/own-address.ts";
import type { Cluster } from "./cluster.ts";
import { type ClusterService, isHeadless, targetPort } from "./services.ts";

type Resolved = ReturnType<NonNullable<ConfigInput["resolve"]>>;

/**
 * Who answers under a name inside of a cluster, as a program in one of its namespaces asks.
 *
 * Source: Kubernetes documentation "DNS for Services and Pods": `name` within the namespace, `name.namespace`,
 * `name.namespace.svc` and what follows; `pod.name.namespace.svc` behind a headless Service.
 */
export class ClusterNames {
  readonly #system: System;
  readonly #cluster: Cluster;

  constructor(system: System, cluster: Cluster) {
    this.#system = system;
    this.#cluster = cluster;
  }

  /** The first workload behind the Service of a name; `owner` for a loopback address. */
  find(host: string, namespace: string, owner: Workload | undefined): Workload | undefined {
    if (isLoopback(host)) return owner;
    const [pod] = this.#service(host, namespace)?.pods ?? [];
    return pod === undefined ? undefined : this.#system.workload(pod.ref);
  }

  /** The same with the port that the pod itself answers on. */
  resolve(host: string, port: number, namespace: string, owner: Workload | undefined): Resolved {
    if (isLoopback(host)) return owner === undefined ? undefined : { workload: owner, port };
    const service = this.#service(host, namespace);
    if (service === undefined) return undefined;
    const shown = `the Service ${service.namespace}/${service.name}`;
    const [pod] = service.pods;
    const workload = pod === undefined ? undefined : this.#system.workload(pod.ref);
    if (pod === undefined || workload === undefined)
      return { doubt: service.doubt ?? `no pod here is behind ${shown}` };
    if (isHeadless(service)) return { workload, port };
    const entry = service.ports.find((each) => knownValue(each.port) === port);
    if (entry === undefined) return { doubt: `${shown} has no port ${port}` };
    const target = targetPort(pod, entry);
    const known = knownValue(target);
    if (known !== undefined) return { workload, port: known };
    return { doubt: target.kind === "unknown" ? target.why : `the port behind ${shown} is not stated` };
  }

  #service(host: string, namespace: string): ClusterService | undefined {
    const parts = host.toLowerCase().replace(/\.$/, "").split(".");
    const [first = "", second = namespace, third] = parts;
    if (parts[3] === "svc") return this.#cluster.services.find(third ?? "", second);
    if (parts.length > 2 && third !== "svc") return undefined;
    return this.#cluster.services.find(second, first);
  }
}
