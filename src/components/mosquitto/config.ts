import type { ResolvedStack } from "../../contracts/resolved.ts";
import { listensPlain, type MosquittoSettings } from "./settings.ts";
import { restingUser } from "./user-pair.ts";

export const passwordFile = "/run/secrets/mosquitto-passwords";
export const certificateFile = "/run/secrets/mosquitto-certificate";
export const aclFile = "/mosquitto/config/acl";

/** `mosquitto.conf` (mosquitto.conf(5), 2.0): no anonymous clients, everyone bound to the topics of their own. */
export function mosquittoConfig(settings: MosquittoSettings, stack: ResolvedStack): string {
  const lines = [
    `# Made by Ringwall from the stack "${stack.name}". Changes here are lost.`,
    "per_listener_settings false",
    "allow_anonymous false",
    `password_file ${passwordFile}`,
    `acl_file ${aclFile}`,
    "persistence true",
    "persistence_location /mosquitto/data/",
    "log_dest stdout",
    "log_type error",
    "log_type warning",
    "log_type notice",
    "log_type information",
    "connection_messages true",
    // Larger messages and longer queues are a way to fill the memory of a small host.
    "max_packet_size 1048576",
    "max_queued_messages 1000",
  ];
  if (listensPlain(settings)) lines.push("", "listener 1883");
  if (settings.certificate !== undefined) {
    lines.push("", "listener 8883", `certfile ${certificateFile}`, `keyfile ${certificateFile}`, "tls_version tlsv1.2");
  }
  return `${lines.join("\n")}\n`;
}

/** The topics of each user, for both names that take turns when its password is rotated; who is not named here may do nothing. */
export function aclConfig(settings: MosquittoSettings): string {
  const users = Object.entries(settings.users).sort(([a], [b]) => (a < b ? -1 : 1));
  const blocks = users.map(([user, { read, write }]) => {
    const topics = [...new Set([...read, ...write])].sort();
    const lines = topics.map((topic) => {
      const access = read.includes(topic) ? (write.includes(topic) ? "readwrite" : "read") : "write";
      return `topic ${access} ${topic}\n`;
    });
    return [user, restingUser(user)].map((name) => `user ${name}\n${lines.join("")}`).join("\n");
  });
  return `# Topics of each user; nothing else is allowed.\n${blocks.map((block) => `\n${block}`).join("")}`;
}
