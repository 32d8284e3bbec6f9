import type { FrameworkItem } from "./item.ts";

/** OWASP Docker Top 10 (github.com/OWASP/Docker-Security). Titles follow its own. */
export const owaspDockerItems: readonly FrameworkItem[] = [
  { id: "D01", title: "Secure user mapping" },
  {
    id: "D02",
    title: "Patch management strategy",
    open: "That versions are named and raised on purpose is judged; whether they are patched in time takes a scanner.",
  },
  { id: "D03", title: "Network segmentation and firewalling" },
  { id: "D04", title: "Secure defaults and hardening", open: "The host's own hardening is not in a Compose file." },
  {
    id: "D05",
    title: "Maintain security contexts",
    open: "What shares a network, a zone or host folders is judged; what else runs on the same host is not seen.",
  },
  { id: "D06", title: "Protect secrets" },
  { id: "D07", title: "Resource protection" },
  { id: "D08", title: "Container image integrity and origin" },
  { id: "D09", title: "Follow the immutable paradigm" },
  { id: "D10", title: "Logging" },
];
