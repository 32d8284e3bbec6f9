import { pbkdf2Sync } from "node:crypto";
import type { Secret } from "./secret.ts";

const saltBytes = 12;
const keyBytes = 64;
/**
 * The broker hashes on every connection, in its one thread; 10,000 rounds take it some 10 ms. Generated passwords have
 * 128 bits and more and need none of it.
 */
const rounds = 10_000;

/**
 * One line of a Mosquitto password file: `user:$7$rounds$salt$hash`, PBKDF2 with SHA-512 (mosquitto 2.0,
 * `mosquitto_passwd`). The same user and password always give the same line, so that delivering it again changes
 * nothing: the salt follows from them, by as many rounds as the hash, so that it is no quicker way to test a guess.
 */
export function mosquittoPasswordLine(user: string, password: Secret): string {
  const value = password.expose();
  const salt = pbkdf2Sync(value, `ringwall mosquitto salt ${user}`, rounds, saltBytes, "sha512");
  const hash = pbkdf2Sync(value, salt, rounds, keyBytes, "sha512");
  return `${user}:$7$${rounds}$${salt.toString("base64")}$${hash.toString("base64")}\n`;
}
