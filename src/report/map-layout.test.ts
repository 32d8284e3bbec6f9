import { describe, expect, it } from "vitest";
import { systemOf, threeServices } from "../../test/support/report-input.ts";
import { type Box, layOut } from "./map-layout.ts";
import { mapModel } from "./map-model.ts";
import { overviewOf } from "./map-overview.ts";

const applications = (count: number) => {
  const names = Array.from({ length: count }, (_, index) => `app${index}`);
  const services = names.map(
    (name) => `  ${name}:
    image: example/${name}:1
    networks: [ingress, net-${name}]
  ${name}-db:
    image: postgres:16
    networks: [net-${name}]
`,
  );
  return `name: many
services:
  caddy:
    image: caddy:2.8
    ports: ["443:443"]
    networks: [ingress]
${services.join("")}networks:
  ingress: {}
${names.map((name) => `  net-${name}: {}\n`).join("")}`;
};

function overlap(a: Box, b: Box): boolean {
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
}

describe("the network map", () => {
  it("puts each service into the network that says most of it, and links it to the others", () => {
    const model = mapModel(systemOf(threeServices), []);
    const boxes = model.groups.map((group) => [group.name, group.nodes.map((node) => node.name)]);
    expect(boxes).toEqual([
      ["ingress", expect.arrayContaining(["api", "caddy"])],
      ["data", ["db"]],
    ]);
    expect(model.links).toContainEqual(expect.objectContaining({ kind: "in", from: "outside", to: "service caddy" }));
    expect(model.links).toContainEqual(
      expect.objectContaining({ kind: "network", from: "service api", to: "network data" }),
    );
    expect(model.links.some((link) => link.from === "service caddy" && link.to === "network data")).toBe(false);
  });

  it("says of each service what is published and how many steps from outside it stands", () => {
    const nodes = mapModel(systemOf(threeServices), []).groups.flatMap((group) => group.nodes);
    const depth = Object.fromEntries(nodes.map((node) => [node.name, node.depth]));
    expect(depth).toEqual({ caddy: 1, api: 2, db: 3 });
    expect(nodes.find((node) => node.name === "caddy")?.published).toEqual(["443"]);
  });

  it("gives a service that shares the host's network a box that says so", () => {
    const model = mapModel(systemOf("services:\n  exporter:\n    image: x:1\n    network_mode: host\n"), []);
    expect(model.groups.map((group) => group.kind)).toEqual(["host"]);
    expect(model.links).toEqual([expect.objectContaining({ kind: "in", from: "outside", to: "service exporter" })]);
  });

  it("lets no two boxes overlap and none leave the drawing, with 3 services and with 201", () => {
    for (const text of [threeServices, applications(100)]) {
      const model = mapModel(systemOf(text), []);
      for (const [shown, overview] of [
        [model, false],
        [overviewOf(model), true],
      ] as const) {
        const { groups, width, height, outside } = layOut(shown, { overview });
        const boxes: readonly Box[] = [...groups, ...(outside === undefined ? [] : [outside])];
        boxes.forEach((box, index) => {
          expect(box.x >= 0 && box.y >= 0 && box.x + box.width <= width && box.y + box.height <= height).toBe(true);
          for (const other of boxes.slice(index + 1)) expect(overlap(box, other)).toBe(false);
        });
        expect(groups.flatMap((group) => group.nodes)).toHaveLength(
          overview ? 0 : model.groups.flatMap((g) => g.nodes).length,
        );
      }
    }
  });

  it("folds a hundred applications behind one proxy into one box of the overview", () => {
    const overview = overviewOf(mapModel(systemOf(applications(100)), []));
    expect(overview.groups.length).toBeLessThan(5);
    const folded = overview.groups.find((group) => group.name.startsWith("100 like"));
    expect(folded?.nodes).toHaveLength(200);
  });
});
