/**
 * On a broker without rights one stolen sensor reads every message and gives every order.
 *
 * Reads:  repository-file.configuration (Mosquitto)
 * Passes: an access list, or a plug-in, says who may use which topic.
 */
import { defineControl } from "../define.ts";
import { aboutPorts, demand, notApplicable } from "../judge.ts";
import { serviceConfigurationOf, serviceSoftware } from "../knowledge/service-configuration.ts";

export const brokerRightsSeparate = defineControl({
  id: "identity.broker-rights-separate",
  on: "repository-file",
  software: serviceSoftware,
  severity: "low",
  title: "A broker's users have rights of their own",
  claim: "Each user of the message broker may use its own topics only.",
  threat: "The password of one device, read from its flash, opens the door lock and listens to every room.",
  remedy: "Add `acl_file /mosquitto/config/acl` with a `user` block and `topic read|write` lines for each client.",
  judged: "Fails for a Mosquitto without `acl_file` and without a plug-in that may decide it.",
  limits: "Whether the access list is narrow is for a person to read; how it is enforced is shown by `ringwall probe`.",
  frameworks: { nistCsf: ["PR.AA-05"], zeroTrust: ["3"], coverage: ["A8"] },

  check(file) {
    const found = serviceConfigurationOf(file);
    const rights = found?.configuration.rightsByUser;
    if (found === undefined || rights === undefined) return notApplicable("not a broker's configuration");
    const judgement = demand(rights, (separate) => separate, {
      what: "`acl_file`",
      show: (separate) => (separate ? "set" : "absent: every user may use every topic"),
    });
    return { ...judgement, ...aboutPorts(found.configuration.ports) };
  },
});
