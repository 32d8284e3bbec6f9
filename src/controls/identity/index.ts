import type { Control } from "../../contracts/control.ts";
import { accountTokensRevocable } from "./identity.account-tokens-revocable.ts";
import { adminInterfaceUnpublished } from "./identity.admin-interface-unpublished.ts";
import { administrationNamed } from "./identity.administration-named.ts";
import { anonymousUngranted } from "./identity.anonymous-ungranted.ts";
import { atlantisOrdersVerified } from "./identity.atlantis-orders-verified.ts";
import { atlantisPagesSignedIn } from "./identity.atlantis-pages-signed-in.ts";
import { authenticationOn } from "./identity.authentication-on.ts";
import { brokerRightsSeparate } from "./identity.broker-rights-separate.ts";
import { clientRestricted } from "./identity.client-restricted.ts";
import { clusterAdminFew } from "./identity.cluster-admin-few.ts";
import { clusterAnonymousOff } from "./identity.cluster-anonymous-off.ts";
import { clusterAuthorizationOn } from "./identity.cluster-authorization-on.ts";
import { clusterJoinVerified } from "./identity.cluster-join-verified.ts";
import { configuredLoginRequired } from "./identity.configured-login-required.ts";
import { defaultAccountUngranted } from "./identity.default-account-ungranted.ts";
import { engineOriginNarrow } from "./identity.engine-origin-narrow.ts";
import { escalationUngranted } from "./identity.escalation-ungranted.ts";
import { etcdClientsVerified } from "./identity.etcd-clients-verified.ts";
import { exposedAccountContained } from "./identity.exposed-account-contained.ts";
import { foreignDeliveryConfined } from "./identity.foreign-delivery-confined.ts";
import { grantNamed } from "./identity.grant-named.ts";
import { initialLoginReplaced } from "./identity.initial-login-replaced.ts";
import { loginGuessingLimited } from "./identity.login-guessing-limited.ts";
import { machineApiPodsLimited } from "./identity.machine-api-pods-limited.ts";
import { machineApiRolesOn } from "./identity.machine-api-roles-on.ts";
import { mailRelayClosed } from "./identity.mail-relay-closed.ts";
import { metricsLoginRequired } from "./identity.metrics-login-required.ts";
import { nodeRightsLimited } from "./identity.node-rights-limited.ts";
import { projectRestrictionsKept } from "./identity.project-restrictions-kept.ts";
import { proxyAdminClosed } from "./identity.proxy-admin-closed.ts";
import { registrationClosed } from "./identity.registration-closed.ts";
import { routeAccessStated } from "./identity.route-access-stated.ts";
import { secretsReadByFew } from "./identity.secrets-read-by-few.ts";
import { signInFailsClosed } from "./identity.sign-in-fails-closed.ts";
import { signInSelective } from "./identity.sign-in-selective.ts";
import { sshAttemptsBounded } from "./identity.ssh-attempts-bounded.ts";
import { sshKeysOnly } from "./identity.ssh-keys-only.ts";
import { sshRootRefused } from "./identity.ssh-root-refused.ts";
import { sshSessionsConfined } from "./identity.ssh-sessions-confined.ts";
import { sshUsersNamed } from "./identity.ssh-users-named.ts";
import { vaultPolicyNarrow } from "./identity.vault-policy-narrow.ts";

/** The controls of the ring `identity`; one line for a new one. */
export const identityControls: readonly Control[] = [
  adminInterfaceUnpublished,
  atlantisOrdersVerified,
  atlantisPagesSignedIn,
  authenticationOn,
  registrationClosed,
  signInSelective,
  mailRelayClosed,
  routeAccessStated,
  signInFailsClosed,
  configuredLoginRequired,
  loginGuessingLimited,
  brokerRightsSeparate,
  administrationNamed,
  exposedAccountContained,
  clusterAdminFew,
  initialLoginReplaced,
  grantNamed,
  secretsReadByFew,
  escalationUngranted,
  anonymousUngranted,
  clusterAnonymousOff,
  clusterAuthorizationOn,
  clusterJoinVerified,
  etcdClientsVerified,
  nodeRightsLimited,
  accountTokensRevocable,
  defaultAccountUngranted,
  machineApiPodsLimited,
  machineApiRolesOn,
  foreignDeliveryConfined,
  sshAttemptsBounded,
  sshKeysOnly,
  sshRootRefused,
  sshSessionsConfined,
  sshUsersNamed,
  vaultPolicyNarrow,
  metricsLoginRequired,
  engineOriginNarrow,
  clientRestricted,
  projectRestrictionsKept,
  proxyAdminClosed,
];
