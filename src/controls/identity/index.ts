import type { Control } from "../../contracts/control.ts";
import { adminInterfaceUnpublished } from "./identity.admin-interface-unpublished.ts";
import { authenticationOn } from "./identity.authentication-on.ts";
import { brokerRightsSeparate } from "./identity.broker-rights-separate.ts";
import { configuredLoginRequired } from "./identity.configured-login-required.ts";
import { loginGuessingLimited } from "./identity.login-guessing-limited.ts";
import { routeAccessStated } from "./identity.route-access-stated.ts";

/** The controls of the ring `identity`; one line for a new one. */
export const identityControls: readonly Control[] = [
  adminInterfaceUnpublished,
  authenticationOn,
  routeAccessStated,
  configuredLoginRequired,
  loginGuessingLimited,
  brokerRightsSeparate,
];
