import type { Control } from "../../contracts/control.ts";
import { controlPlaneInside } from "./network.control-plane-inside.ts";
import { datastoreSeparated } from "./network.datastore-separated.ts";
import { datastoreUnpublished } from "./network.datastore-unpublished.ts";
import { datastoreUnrouted } from "./network.datastore-unrouted.ts";
import { datastoreWithoutOutbound } from "./network.datastore-without-outbound.ts";
import { defaultBridgeUnused } from "./network.default-bridge-unused.ts";
import { defaultDenySet } from "./network.default-deny-set.ts";
import { dnsAllowed } from "./network.dns-allowed.ts";
import { engineAddressNarrow } from "./network.engine-address-narrow.ts";
import { engineApiUnpublished } from "./network.engine-api-unpublished.ts";
import { engineApiVerified } from "./network.engine-api-verified.ts";
import { engineBridgeSeparated } from "./network.engine-bridge-separated.ts";
import { engineDebugClosed } from "./network.engine-debug-closed.ts";
import { engineFirewallKept } from "./network.engine-firewall-kept.ts";
import { flowDeclared } from "./network.flow-declared.ts";
import { hostAccessClosed } from "./network.host-access-closed.ts";
import { hostNetworkOff } from "./network.host-network-off.ts";
import { interfaceNamesDistinct } from "./network.interface-names-distinct.ts";
import { linksUnused } from "./network.links-unused.ts";
import { machineFirewallOn } from "./network.machine-firewall-on.ts";
import { onlyProxyPublishes } from "./network.only-proxy-publishes.ts";
import { plaintextUnpublished } from "./network.plaintext-unpublished.ts";
import { policyRuleNarrow } from "./network.policy-rule-narrow.ts";
import { providerConnectionVerified } from "./network.provider-connection-verified.ts";
import { servicesSeparated } from "./network.services-separated.ts";
import { sshAlgorithmsStrong } from "./network.ssh-algorithms-strong.ts";
import { subnetsDistinct } from "./network.subnets-distinct.ts";
import { tlsVerificationOn } from "./network.tls-verification-on.ts";
import { upstreamsVerified } from "./network.upstreams-verified.ts";
import { vaultListenerEncrypted } from "./network.vault-listener-encrypted.ts";
import { zonesSeparated } from "./network.zones-separated.ts";

/** The controls of the ring `network`; one line for a new one. */
export const networkControls: readonly Control[] = [
  controlPlaneInside,
  datastoreSeparated,
  datastoreUnpublished,
  datastoreWithoutOutbound,
  defaultBridgeUnused,
  defaultDenySet,
  dnsAllowed,
  engineApiUnpublished,
  engineApiVerified,
  engineFirewallKept,
  engineBridgeSeparated,
  flowDeclared,
  hostAccessClosed,
  hostNetworkOff,
  linksUnused,
  machineFirewallOn,
  onlyProxyPublishes,
  plaintextUnpublished,
  policyRuleNarrow,
  servicesSeparated,
  sshAlgorithmsStrong,
  subnetsDistinct,
  tlsVerificationOn,
  vaultListenerEncrypted,
  zonesSeparated,
  upstreamsVerified,
  interfaceNamesDistinct,
  engineAddressNarrow,
  engineDebugClosed,
  providerConnectionVerified,
  datastoreUnrouted,
];
