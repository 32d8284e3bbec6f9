/**
 * How long it takes from the text of a declaration to the text of its rendered files, and how that grows.
 *
 * Runs alone: `node bench/render.ts [SERVICES…]`; `bench/run.ts` may call `benchRender` for its table.
 */
import { tmpdir } from "node:os";
import { components } from "../src/components/registry.ts";
import { composeFacts } from "../src/platforms/compose/facts.ts";
import { renderCompose } from "../src/platforms/compose/render.ts";
import { composeResources } from "../src/platforms/compose/resources.ts";
import { loadText } from "../src/resolve/load.ts";
import { resolveStack } from "../src/resolve/resolve.ts";

/** Milliseconds of one run, by stage. */
export interface RenderMeasurement {
  readonly services: number;
  readonly networks: number;
  /** Lines of compose.yaml. */
  readonly lines: number;
  readonly load: number;
  readonly resolve: number;
  readonly resources: number;
  readonly render: number;
  /** Not part of `ringwall render`; what `check` and `plan` add. */
  readonly facts: number;
  /** Load to render. */
  readonly total: number;
}

/** The median of some runs for each size, after one run that is not counted. */
export function benchRender(sizes: readonly number[], runs = 5): readonly RenderMeasurement[] {
  return sizes.map((size) => {
    const text = declarationOf(size);
    measure(text);
    const measured = Array.from({ length: size > 1000 ? Math.min(runs, 3) : runs }, () => measure(text));
    return measured.sort((a, b) => a.total - b.total)[Math.floor(measured.length / 2)] ?? measure(text);
  });
}

/** One table for people. */
export function renderTable(measurements: readonly RenderMeasurement[]): string {
  const heads = ["services", "networks", "lines", "load", "resolve", "resources", "render", "total ms", "(facts)"];
  const rows = measurements.map((one) => [
    one.services,
    one.networks,
    one.lines,
    ...[one.load, one.resolve, one.resources, one.render, one.total, one.facts].map((value) => value.toFixed(1)),
  ]);
  const cells = [heads, ...rows.map((row) => row.map(String))];
  const widths = heads.map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  return cells.map((row) => row.map((cell, column) => cell.padStart(widths[column] ?? 0)).join("  ")).join("\n");
}

function measure(text: string): RenderMeasurement {
  const folder = tmpdir();
  const start = performance.now();
  const loaded = loadText({ path: `${folder}/stack.yaml`, folder, shownAs: "stack.yaml" }, text, components);
  const afterLoad = performance.now();
  const stack = resolveStack(loaded, components);
  const afterResolve = performance.now();
  const resources = composeResources(stack);
  const afterResources = performance.now();
  const files = renderCompose(resources);
  const afterRender = performance.now();
  composeFacts(resources, stack);
  const afterFacts = performance.now();
  return {
    services: stack.services.length,
    networks: stack.networks.length,
    lines: files.find((file) => file.path === "compose.yaml")?.content.split("\n").length ?? 0,
    load: afterLoad - start,
    resolve: afterResolve - afterLoad,
    resources: afterResources - afterResolve,
    render: afterRender - afterResources,
    facts: afterFacts - afterRender,
    total: afterRender - start,
  };
}

/** An edge, and services of which each talks to the next, takes a secret, and every tenth has a route. */
export function declarationOf(services: number): string {
  const names = Array.from({ length: services - 1 }, (_, index) => `service-${index}`);
  return [
    "version: 1",
    "name: large",
    "domain: large.example",
    "operators: [192.0.2.0/24]",
    "addresses: 10.128.0.0/9",
    "zones:",
    "  production: { purpose: what visitors use, outside: both }",
    "services:",
    "  caddy: { use: caddy, zone: production }",
    ...names.flatMap((name, index) => [
      `  ${name}:`,
      `    image: docker.io/example/${name}:1.${index}.0`,
      "    zone: production",
      `    user: ${1000 + index}`,
      "    ports: { http: 8080 }",
      ...(index + 1 < names.length ? [`    talksTo: [service-${index + 1}]`] : []),
      `    environment: { ORDER: "${index}", PRICE: "$5" }`,
      "    secrets: [token]",
      '    health: [/bin/app, "--health"]',
      "    volumes:",
      "      data: /data",
    ]),
    "routes:",
    ...names
      .filter((_, index) => index % 10 === 0)
      .map((name) => `  - { host: ${name}, to: ${name}, audience: public }`),
    "secrets:",
    "  token: { kind: token, rotation: 90d }",
    "",
  ].join("\n");
}

if (import.meta.main) {
  const asked = process.argv.slice(2).map(Number);
  console.log(renderTable(benchRender(asked.length > 0 ? asked : [50, 500, 5000])));
}
