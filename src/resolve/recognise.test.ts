import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { isStackDeclaration } from "./recognise.ts";

describe("telling a stack of Ringwall from one of Swarm", () => {
  it("takes the quickstart, and one of three lines", () => {
    expect(
      isStackDeclaration(parse(readFileSync(new URL("../../examples/quickstart/stack.yaml", import.meta.url), "utf8"))),
    ).toBe(true);
    expect(isStackDeclaration({ name: "shop", services: { web: { image: "nginx:1.28" } } })).toBe(true);
    expect(isStackDeclaration({ services: { db: { use: "postgres" } } })).toBe(true);
  });

  it("leaves Swarm's alone", () => {
    expect(isStackDeclaration({ version: "3.8", services: { web: { image: "nginx" } } })).toBe(false);
    expect(isStackDeclaration({ services: { web: { image: "nginx", deploy: { replicas: 2 } } } })).toBe(false);
    expect(isStackDeclaration({ services: { web: { image: "nginx" } }, networks: { a: {} } })).toBe(false);
    expect(isStackDeclaration({ version: 3.8, services: {} })).toBe(false);
  });

  it("takes nothing that is no mapping", () => {
    for (const other of [null, [], "x", 1]) expect(isStackDeclaration(other)).toBe(false);
  });
});
