/**
 * What the configuration file of Docker's engine (`daemon.json`) says. What it leaves out is as the engine's own default
 * has it; a flag of `dockerd` may say it too, but never the same as the file.
 *
 * Source: moby v29, `daemon/config` (the keys and their defaults) and `daemon/pkg/opts/hosts.go` (addresses).
 */
import type { Place } from "../../lib/place.ts";
import type { Fact, FactList } from "../fact.ts";

/** One address that the engine takes orders on. */
export interface EngineAddress {
  /** As it is written: `tcp://0.0.0.0:2375`, `fd://`. */
  readonly text: string;
  /** Who can open a connection to it. */
  readonly reach: "socket" | "loopback" | "network";
  readonly place: Place;
}

/** A registry that the engine is told to speak to without verified TLS. */
export interface WeakRegistry {
  /** A host, with a port or not, or a range of addresses. */
  readonly host: string;
  readonly weakness: "unverified" | "plaintext";
  readonly place: Place;
}

/** How logs are kept. */
export interface EngineLogging {
  readonly driver: string;
  readonly options: Readonly<Record<string, string>>;
}

export interface DockerDaemonConfiguration {
  readonly software: "docker-daemon";
  /** True where the file lies where an engine without root reads it (`~/.config/docker/daemon.json`). */
  readonly rootless: boolean;
  /** Why more may stand in the file than is seen, which is told for the file itself; absent where all is seen. */
  readonly unseen?: string;
  readonly addresses: FactList<EngineAddress>;
  /** Whether who gives orders over the network must show a certificate that is verified (`tlsverify`). */
  readonly clientsVerified: Fact<boolean>;
  readonly weakRegistries: FactList<WeakRegistry>;
  /** Whether the engine keeps its own rules in the host's firewall (`iptables`). */
  readonly firewall: Fact<boolean>;
  /** The same for IPv6 (`ip6tables`). */
  readonly firewall6: Fact<boolean>;
  /** Whether those on the default bridge reach one another (`icc`). */
  readonly bridgeTraffic: Fact<boolean>;
  /** Whom root of a container is on the host (`userns-remap`); `unstated` where it is root. */
  readonly usersRemapped: Fact<string>;
  /** The filter of system calls that a container gets which names none (`seccomp-profile`). */
  readonly seccomp: Fact<"builtin" | "unconfined" | "custom">;
  readonly liveRestore: Fact<boolean>;
  readonly experimental: Fact<boolean>;
  /** How the logs of containers are kept that say nothing of it (`log-driver`, `log-opts`); `unstated` where it says nothing either. */
  readonly logging: Fact<EngineLogging>;
}
