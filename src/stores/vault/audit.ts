import { z } from "zod";
import { strange } from "../http/json-server.ts";
import { refusal } from "./answers.ts";
import type { VaultClient } from "./vault-client.ts";

/** `GET sys/audit` (https://developer.hashicorp.com/vault/api-docs/system/audit); needs `read` and `sudo`. */
const auditAnswer = z.object({ data: z.record(z.string(), z.object({ type: z.string() })) });

export interface VaultAudit {
  /** `unknown`: this token may not ask. */
  readonly state: "on" | "off" | "unknown";
  readonly devices: readonly { readonly path: string; readonly type: string }[];
  readonly detail: string;
}

/** Whether Vault writes down who reads which secret: with no audit device enabled it answers and records nothing. */
export async function vaultAudit(client: VaultClient): Promise<VaultAudit> {
  const answer = await client.ask({ method: "GET", path: "/v1/sys/audit" });
  if (answer.status === 403) {
    const detail =
      "Whether Vault is audited is not told to this token: `sys/audit` needs the capabilities read and sudo.";
    return { state: "unknown", devices: [], detail };
  }
  if (answer.status !== 200) throw refusal(answer, "tell its audit devices", client.host);
  const found = auditAnswer.safeParse(answer.body);
  if (!found.success) throw strange("Vault", client.host);
  const devices = Object.entries(found.data.data).map(([path, { type }]) => ({ path, type }));
  if (devices.length === 0) {
    return { state: "off", devices, detail: "Vault has no audit device: nobody can tell later who read a secret." };
  }
  return { state: "on", devices, detail: `Vault records requests to ${devices.map(({ path }) => path).join(", ")}.` };
}
