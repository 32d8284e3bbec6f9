/**
 * What goes over the wire in the open is read, and changed, on the way.
 *
 * Reads:  listener.reach, listener.port, listener.tls; image.reference and container.environment (of a server of mail)
 * Passes: no protocol that sends passwords or data in the open is published.
 */
import type { Judgement } from "../../contracts/verdict.ts";
import { knownValue } from "../../facts/fact.ts";
import type { Listener } from "../../facts/subjects.ts";
import { defineControl } from "../define.ts";
import { bindToLoopback } from "../fix.ts";
import { cannotTell, notApplicable, pass } from "../judge.ts";
import { useOf } from "../knowledge/listeners.ts";
import { type MailDoor, mailDoorOf } from "../knowledge/mail.ts";
import { forbidPublished, unpublish } from "../knowledge/published.ts";

export const plaintextUnpublished = defineControl({
  id: "network.plaintext-unpublished",
  on: "listener",
  severity: "high",
  title: "No plaintext protocol is published",
  claim: "Nothing that sends passwords or data in the open can be reached from outside.",
  threat: "Whoever is on the way, in the same radio network or at a hijacked router, reads the password and uses it.",
  remedy: "Remove the port and publish the protocol's encrypted form instead, or reach it by a VPN.",
  judged:
    "By port: FTP, Telnet, POP3, IMAP, LDAP, MQTT on 1883, VNC, RDP, SMB, NFS, SNMP, rsync. Fails when it is published on every address or on one of the host's; loopback passes, and so does a listener that is known to encrypt. HTTP is left to network.only-proxy-publishes. Servers of mail that are known to offer STARTTLS (docker-mailserver, Dovecot, Stalwart, mailcow) fail at medium on 110, 143 and 587, where a client may go on unencrypted; docker-mailserver with an empty `SSL_TYPE`, or none, which switches its TLS off, fails high on every port that people sign in to.",
  limits:
    "A protocol on a port that is not its own is not recognised; of one that is not known to upgrade to TLS on the same port (STARTTLS) it is not known whether it does.",
  frameworks: {
    cisDocker: ["5.9"],
    owaspDocker: ["D03"],
    nsaKubernetes: ["encryption"],
    owaspKubernetes: ["K06"],
    zeroTrust: ["2"],
    nistCsf: ["PR.DS-02"],
    coverage: ["N6", "N12", "T4", "A8"],
  },
  exposureMatters: false,
  fix: bindToLoopback,

  check(listener, system) {
    const door = mailDoorOf(listener, system);
    if (door !== undefined) return judgeMail(listener, door);
    const use = useOf(listener, system);
    if (use.kind === "unknown") return notApplicable(`${use.why}; network.only-proxy-publishes reports it`);
    if (use.kind !== "plaintext") return notApplicable("not a plaintext protocol");
    if (listener.tls !== undefined && knownValue(listener.tls) === true)
      return pass("the listener encrypts", listener.tls.place);
    return forbidPublished(listener, `and ${use.protocol} is not encrypted`, {
      remedy: `${unpublish(listener)}, and use ${use.instead} instead.`,
    });
  },
});

/** A server of mail knows more ways to encrypt than its port tells. */
function judgeMail(listener: Listener, door: MailDoor): Judgement {
  switch (door.kind) {
    case "wrapped":
      return notApplicable("it is encrypted from the first byte");
    case "doubt":
      return ifPublished(listener, () =>
        cannotTell("whether the server's TLS is on", door.why, { place: listener.place, severity: "low" }),
      );
    case "open":
      return forbidPublished(listener, `and nothing protects ${door.protocol} there: ${door.why}`, {
        remedy:
          "Set `SSL_TYPE` (`letsencrypt`, or `manual` with `SSL_CERT_PATH` and `SSL_KEY_PATH`) and give it the certificate.",
        apart: "TLS is off",
      });
    case "upgraded":
      if (listener.tls !== undefined && knownValue(listener.tls) === true)
        return pass("the listener encrypts", listener.tls.place);
      return forbidPublished(
        listener,
        `and ${door.protocol} begins unencrypted there: a client that does not insist on STARTTLS may send its password in the open`,
        { severity: "medium", remedy: `${unpublish(listener)}, and use ${door.instead} instead.` },
      );
  }
}

/** What is said of a port that is published; loopback passes, and what cannot be told of the address stays so. */
function ifPublished(listener: Listener, say: () => Judgement): Judgement {
  const judgement = forbidPublished(listener, "");
  return judgement.verdict === "fail" ? say() : judgement;
}
