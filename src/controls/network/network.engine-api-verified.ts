/**
 * Docker's API on a network, without a look at who gives orders, is root on the host for whoever gets there.
 *
 * Reads:  repository-file.configuration (Docker's engine: hosts, tlsverify)
 * Passes: the engine listens on sockets and the loopback only, or asks for certificates and verifies them.
 */
import type { Judgement } from "../../contracts/verdict.ts";
import { defineControl } from "../define.ts";
import { valueAt } from "../fix.ts";
import { cannotTell, fail, forbidAny, notApplicable, pass } from "../judge.ts";
import { engineOf } from "../knowledge/docker-daemon.ts";

export const engineApiVerified = defineControl({
  id: "network.engine-api-verified",
  on: "repository-file",
  software: ["docker-daemon"],
  severity: "critical",
  title: "The engine takes orders over the network from verified clients alone",
  claim: "Docker's engine takes no order over the network from somebody whose certificate it did not verify.",
  threat:
    "Whoever reaches the port starts a privileged container with the host's disk, and is root: worms look for port 2375 all day.",
  remedy:
    'Take the `tcp://` address out of `hosts` and reach the engine by its socket, from elsewhere with `DOCKER_HOST=ssh://user@host`. Where it must be TCP, use port 2376 with `"tlsverify": true`, `tlscacert`, `tlscert` and `tlskey`.',
  judged:
    "Fails for an address in `hosts` that is TCP and not this machine's loopback, unless `tlsverify` is true; `tls` alone encrypts and asks nobody who they are. High for the engine of a container, which its own networks alone reach unless its port is published. Sockets (`fd://`, `unix://`) and the loopback pass, and so does a file without `hosts`. Unknown where a template or variable decides.",
  limits:
    "What `dockerd` is told by flags, in a unit of systemd for one, is not in this file; a firewall before the port is not seen. Docker 27 and later refuse to start so unless `tls` or `tlsverify` is stated as false.",
  frameworks: {
    cisDocker: ["2.7"],
    owaspDocker: ["D03", "D04"],
    zeroTrust: ["2", "6"],
    nistCsf: ["PR.AA-03", "PR.DS-02"],
    coverage: ["N6", "N7"],
  },
  exposureMatters: false,
  fix: {
    changesBehaviour:
      "The engine answers on this machine's loopback alone: clients elsewhere need `ssh://` or certificates.",
    onlyNamed: true,
    edits: (_file, _system, { verdict, place }) =>
      verdict === "fail"
        ? valueAt(place, /["'](?:tcp:\/\/)?([\d.]{1,15}|\[[\da-f:]{0,40}\])(?=[:"'])/i, "127.0.0.1")
        : undefined,
  },

  check(file) {
    const engine = engineOf(file);
    if (engine === undefined) return notApplicable("it does not configure Docker's engine");
    const { addresses, clientsVerified } = engine;
    // What the whole file hides is told for the file too.
    const ofFile = !addresses.complete && addresses.why === engine.unseen;
    const hidden = { place: addresses.place, severity: ofFile ? "low" : "medium" } as const;
    const open = addresses.items.filter(({ reach }) => reach === "network");
    if (open.length === 0) {
      return addresses.complete
        ? pass("the engine takes no orders over a network", addresses.place)
        : cannotTell("where the engine takes orders", addresses.why, hidden);
    }
    if (clientsVerified.kind === "unknown")
      return cannotTell("whether the engine verifies its clients", clientsVerified.why, {
        place: clientsVerified.place,
        severity: "medium",
      });
    if (clientsVerified.kind !== "unstated" && clientsVerified.value)
      return pass("the engine verifies who gives orders", clientsVerified.place);
    return forbidAny(addresses, judge, {
      what: "the list of addresses",
      none: "the engine takes no orders over a network",
    });

    function judge({ text, reach, place }: (typeof addresses.items)[number]): Judgement | undefined {
      if (reach !== "network") return undefined;
      return fail(`the engine takes orders on ${text} from whoever reaches it, for \`tlsverify\` is not on`, {
        place,
        detail: text,
        // Its network, and what publishes its port, are judged with the container.
        ...(file.owner === undefined ? {} : { severity: "high" as const }),
      });
    }
  },
});
