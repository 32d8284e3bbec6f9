import { expect, test } from "vitest";
import { parseImageReference } from "./image-reference.ts";

const digest = `sha256:${"ab".repeat(32)}`;

test.each([
  ["caddy", { registry: "docker.io", repository: "library/caddy" }],
  ["caddy:2.8", { registry: "docker.io", repository: "library/caddy", tag: "2.8" }],
  ["grafana/grafana:11", { registry: "docker.io", repository: "grafana/grafana", tag: "11" }],
  ["docker.io/library/redis", { registry: "docker.io", repository: "library/redis" }],
  ["docker.io/redis", { registry: "docker.io", repository: "library/redis" }],
  ["ghcr.io/org/sub/app:v1", { registry: "ghcr.io", repository: "org/sub/app", tag: "v1" }],
  ["localhost/app", { registry: "localhost", repository: "app" }],
  ["registry:5000/app", { registry: "registry:5000", repository: "app" }],
  [`postgres:16@${digest}`, { registry: "docker.io", repository: "library/postgres", tag: "16", digest }],
  [`postgres@${digest}`, { registry: "docker.io", repository: "library/postgres", digest }],
])("%s is taken apart as Docker does.", (text, expected) => {
  expect(parseImageReference(text)).toEqual({ text, ...expected });
});

test.each([
  "",
  "UPPER",
  "org/UPPER",
  "a b",
  "postgres:",
  "postgres:a b",
  "postgres@sha256:short",
  "-x",
  "a//b",
  "<image>",
])("%j is no image reference.", (text) => {
  expect(parseImageReference(text)).toBeUndefined();
});
