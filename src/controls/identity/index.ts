import type { Control } from "../../contracts/control.ts";
import { adminInterfaceUnpublished } from "./identity.admin-interface-unpublished.ts";
import { anonymousUngranted } from "./identity.anonymous-ungranted.ts";
import { authenticationOn } from "./identity.authentication-on.ts";
import { brokerRightsSeparate } from "./identity.broker-rights-separate.ts";
import { clusterAdminFew } from "./identity.cluster-admin-few.ts";
import { configuredLoginRequired } from "./identity.configured-login-required.ts";
import { defaultAccountUngranted } from "./identity.default-account-ungranted.ts";
import { escalationUngranted } from "./identity.escalation-ungranted.ts";
import { exposedAccountContained } from "./identity.exposed-account-contained.ts";
import { grantNamed } from "./identity.grant-named.ts";
import { loginGuessingLimited } from "./identity.login-guessing-limited.ts";
import { routeAccessStated } from "./identity.route-access-stated.ts";
import { secretsReadByFew } from "./identity.secrets-read-by-few.ts";

/** The controls of the ring `identity`; one line for a new one. */
export const identityControls: readonly Control[] = [
  adminInterfaceUnpublished,
  authenticationOn,
  routeAccessStated,
  configuredLoginRequired,
  loginGuessingLimited,
  brokerRightsSeparate,
  exposedAccountContained,
  clusterAdminFew,
  grantNamed,
  secretsReadByFew,
  escalationUngranted,
  anonymousUngranted,
  defaultAccountUngranted,
];
