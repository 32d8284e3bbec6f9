import type { Control } from "../../contracts/control.ts";
import { certificateAuthorityVerified } from "./edge.certificate-authority-verified.ts";
import { certificateKeyRenewed } from "./edge.certificate-key-renewed.ts";
import { certificateRenewable } from "./edge.certificate-renewable.ts";
import { certificateTrusted } from "./edge.certificate-trusted.ts";
import { certificateValid } from "./edge.certificate-valid.ts";
import { headersSet } from "./edge.headers-set.ts";
import { hstsSet } from "./edge.hsts-set.ts";
import { httpRedirected } from "./edge.http-redirected.ts";
import { keyStrong } from "./edge.key-strong.ts";
import { loginRateLimited } from "./edge.login-rate-limited.ts";
import { managementAudienceLimited } from "./edge.management-audience-limited.ts";
import { rateLimited } from "./edge.rate-limited.ts";
import { routeEncrypted } from "./edge.route-encrypted.ts";
import { serverHeaderRemoved } from "./edge.server-header-removed.ts";

/** The controls of the ring `edge`; one line for a new one. */
export const edgeControls: readonly Control[] = [
  certificateValid,
  headersSet,
  hstsSet,
  httpRedirected,
  keyStrong,
  loginRateLimited,
  managementAudienceLimited,
  rateLimited,
  routeEncrypted,
  serverHeaderRemoved,
  certificateRenewable,
  certificateTrusted,
  certificateAuthorityVerified,
  certificateKeyRenewed,
];
