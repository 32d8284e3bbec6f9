/** A mail server as its manual says, and how bad each part of it is. */
import { expect, test } from "vitest";
import { composeSystem } from "../../test/support/compose-system.ts";
import { evaluate } from "./evaluate.ts";
import { allControls } from "./registry.ts";

function severities(text: string, control: string): readonly string[] {
  const options = { today: new Date("2027-01-01T00:00:00Z"), profile: "homelab", ownStack: false } as const;
  const { findings } = evaluate([composeSystem(text)], allControls, options);
  return findings
    .flatMap((finding) => [finding, ...(finding.includes ?? [])])
    .filter((finding) => finding.control === control && finding.verdict === "fail")
    .map(({ subject, severity }) => `${subject.name} ${severity}`)
    .sort();
}

const mail = (ssl: string, image = "ghcr.io/docker-mailserver/docker-mailserver:15.0.2") => `services:
  mail:
    image: ${image}
    ${ssl}
    ports: ["25:25", "143:143", "465:465", "587:587", "993:993"]
    volumes: ["/etc/letsencrypt:/etc/letsencrypt:ro"]
`;

// covers: N12 T4 | compose
test("Where mail may be encrypted by asking, IMAP and submission are medium alike, and what is encrypted is nothing", () => {
  const both = ["mail/0.0.0.0:143/tcp medium", "mail/0.0.0.0:587/tcp medium"];
  expect(severities(mail("environment: {SSL_TYPE: letsencrypt}"), "network.plaintext-unpublished")).toEqual(both);
  expect(severities(mail("environment: {SSL_TYPE: '${SSL}'}"), "network.plaintext-unpublished")).toEqual(both);
  expect(severities(mail("restart: always", "stalwartlabs/stalwart:v0.13"), "network.plaintext-unpublished")).toEqual(
    both,
  );
});

test("With its TLS off, every port that people sign in to is high", () => {
  const all = [143, 465, 587, 993].map((port) => `mail/0.0.0.0:${port}/tcp high`);
  expect(severities(mail("environment: {SSL_TYPE: ''}"), "network.plaintext-unpublished")).toEqual(all);
  expect(severities(mail("environment: {TZ: UTC}"), "network.plaintext-unpublished")).toEqual(all);
});

test("A server of which nothing is known is as it was: IMAP high, submission nothing", () => {
  const unknown = mail("restart: always", "ghcr.io/example/post:1.0");
  expect(severities(unknown, "network.plaintext-unpublished")).toEqual(["mail/0.0.0.0:143/tcp high"]);
});

// covers: W6 | compose
test("Keys of certificates are low for what ends TLS, and not for what has no use for them", () => {
  const one = (image: string, port: string, mode: string) =>
    `services:\n  a: {image: '${image}', ports: ['${port}'], volumes: ['/etc/letsencrypt:/etc/letsencrypt${mode}']}\n`;
  const found = (text: string) => severities(text, "workload.host-paths-unmounted");
  expect(found(mail("restart: always"))).toEqual(["mail:/etc/letsencrypt low"]);
  expect(found(one("nginx:1.29", "443:443", ":ro"))).toEqual(["a:/etc/letsencrypt low"]);
  expect(found(one("ghcr.io/example/coturn:4.6", "5349:5349", ":ro"))).toEqual(["a:/etc/letsencrypt low"]);
  expect(found(one("certbot/certbot:v4.1.1", "80:80", ""))).toEqual(["a:/etc/letsencrypt low"]);
  expect(found(one("ghcr.io/example/app:1.0", "8080:8080", ":ro"))).toEqual(["a:/etc/letsencrypt high"]);
  expect(found(one("nginx:1.29", "443:443", ""))).toEqual(["a:/etc/letsencrypt high"]);
});
