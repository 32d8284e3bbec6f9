/**
 * A few kernel settings of a network namespace undo its protection against forged packets.
 *
 * Reads:  container.sysctls
 * Passes: none of them is set to its unsafe value.
 */
import { defineControl } from "../define.ts";
import { fail, forbidAny } from "../judge.ts";

const unsafe: readonly { readonly name: RegExp; readonly value: RegExp; readonly does: string }[] = [
  { name: /^net\.ipv[46]\.conf\..+\.accept_source_route$/, value: /^[1-9]/, does: "packets choose their own way" },
  {
    name: /^net\.ipv[46]\.conf\..+\.(?:accept|secure)_redirects$/,
    value: /^1/,
    does: "others can redirect its traffic",
  },
  { name: /^net\.ipv4\.conf\..+\.rp_filter$/, value: /^0/, does: "packets with a forged sender are taken" },
  { name: /^net\.ipv4\.tcp_syncookies$/, value: /^0/, does: "a flood of connections stops it" },
  { name: /^net\.ipv4\.icmp_echo_ignore_broadcasts$/, value: /^0/, does: "it answers broadcast floods" },
  { name: /^net\.ipv4\.conf\..+\.route_localnet$/, value: /^1/, does: "its loopback can be reached from its networks" },
  { name: /^kernel\.(?!shm|msg|sem)/, value: /^/, does: "it reaches beyond the container" },
];

export const sysctlsSafe = defineControl({
  id: "workload.sysctls-safe",
  on: "container",
  severity: "low",
  title: "Kernel settings stay safe",
  claim: "No container sets a kernel setting to an unsafe value.",
  threat: "Forged or redirected packets are taken for real ones, or the kernel of the whole host is changed.",
  remedy: "Remove the entry from `sysctls:`.",
  remedies: {
    incus: "Remove the key under `linux.sysctl.` from the instance's `config`.",
    kubernetes: "Remove the entry from the pod's `securityContext.sysctls`.",
  },
  judged:
    "Fails for source routing, redirects, no reverse path filter, no SYN cookies, answers to broadcasts, a routable loopback, and settings of the whole kernel. Forwarding, which VPN programs need, passes.",
  frameworks: {
    owaspDocker: ["D04"],
    podSecurity: ["baseline/sysctls"],
    owaspKubernetes: ["K01"],
    nistCsf: ["PR.PS-01"],
    coverage: ["W4"],
  },

  check(container) {
    return forbidAny(
      container.sysctls,
      ({ name, value, place }) => {
        const rule = unsafe.find((each) => each.name.test(name) && each.value.test(value.trim()));
        return rule === undefined ? undefined : fail(`${name} is ${value}: ${rule.does}`, { place, detail: name });
      },
      { what: "the list of sysctls", none: "no kernel setting is unsafe" },
    );
  },
});
