import { createHash, createHmac, pbkdf2Sync } from "node:crypto";
import type { Secret } from "../../secrets/secret.ts";

/** What PostgreSQL itself takes (`scram_iterations`, default 4096, PostgreSQL 16 and later; fixed before). */
const iterations = 4096;
const saltBytes = 16;

/**
 * What PostgreSQL keeps of a password: `SCRAM-SHA-256$4096:salt$StoredKey:ServerKey` (pg_authid, RFC 5803). Given this
 * instead of the password, the server never sees the value, and neither does its log.
 */
export function scramVerifier(password: Secret, random: (bytes: number) => Uint8Array): string {
  const salt = random(saltBytes);
  // SASLprep (RFC 4013) of a password without control characters is its compatibility composition.
  const salted = pbkdf2Sync(password.expose().normalize("NFKC"), salt, iterations, 32, "sha256");
  const clientKey = createHmac("sha256", salted).update("Client Key").digest();
  const storedKey = createHash("sha256").update(clientKey).digest("base64");
  const serverKey = createHmac("sha256", salted).update("Server Key").digest("base64");
  return `SCRAM-SHA-256$${iterations}:${Buffer.from(salt).toString("base64")}$${storedKey}:${serverKey}`;
}
