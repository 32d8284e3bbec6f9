import type { Control } from "../../contracts/control.ts";
import { aliasContained } from "./edge.alias-contained.ts";
import { allowListSeesClients } from "./edge.allow-list-sees-clients.ts";
import { certificateAuthorityVerified } from "./edge.certificate-authority-verified.ts";
import { certificateKeyRenewed } from "./edge.certificate-key-renewed.ts";
import { certificateRenewable } from "./edge.certificate-renewable.ts";
import { certificateTrusted } from "./edge.certificate-trusted.ts";
import { certificateValid } from "./edge.certificate-valid.ts";
import { containersOptIn } from "./edge.containers-opt-in.ts";
import { directoryListingOff } from "./edge.directory-listing-off.ts";
import { forwardedHeadersTrustedFew } from "./edge.forwarded-headers-trusted-few.ts";
import { headersSet } from "./edge.headers-set.ts";
import { hiddenFilesUnserved } from "./edge.hidden-files-unserved.ts";
import { hstsSet } from "./edge.hsts-set.ts";
import { httpRedirected } from "./edge.http-redirected.ts";
import { keyStrong } from "./edge.key-strong.ts";
import { loginRateLimited } from "./edge.login-rate-limited.ts";
import { managementAudienceLimited } from "./edge.management-audience-limited.ts";
import { rateLimited } from "./edge.rate-limited.ts";
import { routeEncrypted } from "./edge.route-encrypted.ts";
import { serverHeaderRemoved } from "./edge.server-header-removed.ts";
import { snippetsRefused } from "./edge.snippets-refused.ts";
import { versionUntold } from "./edge.version-untold.ts";

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
  aliasContained,
  containersOptIn,
  directoryListingOff,
  forwardedHeadersTrustedFew,
  hiddenFilesUnserved,
  snippetsRefused,
  versionUntold,
  allowListSeesClients,
];
