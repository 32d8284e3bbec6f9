/** Who can speak with whom: networks, zones, listeners, and the rules between them. */
import type { Place } from "../lib/place.ts";
import type { NamespaceExtension, PolicyRuleExtension } from "./extensions-cluster.ts";
import type { IncusNetworkExtension } from "./extensions-incus.ts";
import type { Fact, FactList } from "./fact.ts";
import type { Ref, Subject } from "./subject.ts";

/** How a workload stands on the network. */
export type NetworkMode =
  | { readonly kind: "networks" }
  | { readonly kind: "host" }
  | { readonly kind: "none" }
  | { readonly kind: "default-bridge" }
  /** In the network of another: a workload's name when it is part of the system, `container:NAME` otherwise. */
  | { readonly kind: "shared"; readonly with: string };

export interface Attachment {
  readonly network: Ref<"network">;
  readonly aliases: readonly string[];
  readonly address?: string;
  readonly place: Place;
}

export interface Network extends Subject<"network"> {
  readonly driver: Fact<string>;
  /** Whether members get addresses of their own on the local network; absent where the driver tells it. */
  readonly localAddresses?: Fact<boolean>;
  /** No route to outside by way of forwarding. */
  readonly internal: Fact<boolean>;
  /** Made elsewhere: nothing written here describes it. */
  readonly external: Fact<boolean>;
  readonly subnets: FactList<Fact<string>>;
  readonly attachable: Fact<boolean>;
  /** Whether members of the network may reach one another (Docker's `icc`). */
  readonly memberTraffic: Fact<boolean>;
  /** Whether members can reach the host's own listeners through the gateway address. */
  readonly hostAccess: Fact<boolean>;
  readonly incus?: IncusNetworkExtension;
  /** Who may open connections to whom where rules narrow it; absent: every member to every other. */
  readonly flows?: readonly NetworkFlow[];
  /** Why it may have members that are not described, which may be published, and whom they can reach. */
  readonly hidden?: { readonly why: string; readonly reach: readonly Ref<"workload">[] };
}

/**
 * Leave to connect: each of `from` but `notFrom` to each of `to` but `notTo`. Rules that leave out a few share the list of
 * all, so that a thousand of them do not become a million members.
 */
export interface NetworkFlow {
  readonly from: readonly Ref<"workload">[];
  readonly notFrom?: readonly Ref<"workload">[];
  readonly to: readonly Ref<"workload">[];
  readonly notTo?: readonly Ref<"workload">[];
  readonly port: number | "any";
  readonly protocol: Protocol | "any";
  /** A clause: `NetworkPolicy shop/allow-web lets it`. */
  readonly allowedBy: string;
  readonly place: Place;
  /** False when it rests on something that could not be resolved. */
  readonly certain: boolean;
}

/** A declared zone; networks realise it. */
export interface Zone extends Subject<"zone"> {
  readonly purpose: string;
  readonly cidr: Fact<string>;
  readonly outside: Fact<"none" | "outbound" | "ingress" | "both">;
  readonly networks: readonly Ref<"network">[];
  /** Where the zone is a namespace. */
  readonly kubernetes?: NamespaceExtension;
}

export type Protocol = "tcp" | "udp" | "sctp";

/** Ports in stretches from the first to the last: `80` is one of one port. */
export type PortSpans = readonly (readonly [first: number, last: number])[];

/** How far a listener can be reached by its binding alone. */
export type Reach =
  /** Every address of the host: whoever can route to it. */
  | "everywhere"
  /** One named address of the host. */
  | "one-address"
  /** The host's loopback only. */
  | "loopback"
  /** The networks that the workload is attached to. */
  | "networks";

/** A port that something listens on, inside its networks or published on the host. */
export interface Listener extends Subject<"listener"> {
  readonly owner: Ref<"workload">;
  readonly protocol: Fact<Protocol>;
  /** The port inside the workload. */
  readonly port: Fact<number>;
  /** The port on the host; absent for a listener that is not published. */
  readonly hostPort?: Fact<number>;
  /** First and last of the ports on the host of which the engine takes any one, where so many are offered. */
  readonly hostPortRange?: readonly [first: number, last: number];
  /**
   * The ports that one line publishes together, as they are written: `5000-5500`. One listener stands for all of them that
   * nothing is known of; those that are known have listeners of their own.
   */
  readonly publishedRange?:
    | {
        readonly ports: string;
        readonly stands: boolean;
        /** The ports inside that all of them lead to; absent where those cannot be told. */
        readonly inside?: PortSpans | undefined;
      }
    | undefined;
  /** The address on the host; absent for a listener that is not published. */
  readonly hostAddress?: Fact<string>;
  readonly reach: Fact<Reach>;
  /** Names the use, when it is known: `http`, `https`, `postgresql`, `docker-api`. */
  readonly service?: string;
  /** Whether the listener encrypts; known for declared and measured ones. */
  readonly tls?: Fact<boolean>;
  /** The addresses that it is published to, where they are narrowed. */
  readonly audience?: Fact<Audience>;
  /** What publishes it, where that is no part of its owner: `the Service media/plex of type LoadBalancer`. */
  readonly publishedBy?: string;
  /** The same where it is an object of a cluster. */
  readonly publisher?: Publisher;
}

/** An object of a cluster by which a port is published. */
export interface Publisher {
  readonly kind: "Service" | "TCPRoute" | "UDPRoute";
  /** With its namespace: `media/plex`. */
  readonly name: string;
  /** Of a Service: addresses that are routed to the nodes lead to it, whatever type it has. */
  readonly externalAddresses?: true;
  /** Of a Service: the annotation by which an operator publishes it, whatever type it has. */
  readonly annotation?: string;
}

export type Audience = { readonly kind: "public" } | { readonly kind: "networks"; readonly cidrs: readonly string[] };

/** Who may open a connection to whom. */
export interface PolicyRule extends Subject<"policy-rule"> {
  readonly from: string;
  readonly to: string;
  readonly port: Fact<number | "any">;
  readonly protocol: Fact<Protocol | "any">;
  readonly action: Fact<"allow" | "deny">;
  /** Whether the stack declares this flow; known where measured flows are set against a declaration. */
  readonly declared?: Fact<boolean>;
  /** What a declared flow follows from, as a clause: `shop.example is routed to it`. */
  readonly because?: string;
  readonly kubernetes?: PolicyRuleExtension;
}
