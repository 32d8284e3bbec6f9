import { knownValue } from "../../facts/fact.ts";
import type { Workload } from "../../facts/subjects.ts";
import type { System } from "../../facts/system.ts";
import { isMailServer } from "./mail.ts";
import { productOf } from "./products.ts";

/** Ports of protocols that are encrypted from the first byte: HTTPS, mail, LDAP, DNS, MQTT, TURN, SIP, IRC, XMPP. */
const encrypted: ReadonlySet<number> = new Set([443, 465, 636, 853, 993, 995, 5061, 5223, 5349, 6697, 8443, 8883]);

/** Whether a workload shows a certificate to those who come: by what it is, or by the ports that it listens on. */
export function endsTls(workload: Workload, system: System): boolean {
  if (productOf(workload, system).roles.has("proxy") || isMailServer(workload, system)) return true;
  return system
    .ownedBy(workload.ref, "listener")
    .some(({ port, tls }) => encrypted.has(knownValue(port) ?? 0) || (tls !== undefined && knownValue(tls) === true));
}

const fetchers = /^(?:certbot|dns-[\w-]+|acme\.sh|lego|letsencrypt|swag|acme-companion|nginx-proxy-manager)$/;

/** Whether a workload gets certificates for others, and so writes their keys. */
export function fetchesCertificates(workload: Workload, system: System): boolean {
  return fetchers.test(productOf(workload, system).image);
}
