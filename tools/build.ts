/**
 * Builds the package that is published, into `dist/package`: the CLI bundled with its dependencies, one chunk for each
 * command and few for what they share, so that a command loads only what it needs; beside it the licences of what was
 * bundled.
 */
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { type OutputChunk, type Plugin, rolldown } from "rolldown";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");

/**
 * What is loaded as one file each: all that a module imports, but for what an earlier one has. Left to itself, the bundler
 * makes a file of every set of modules that the same commands share, and `check` would begin by opening fifty.
 */
const together = {
  shared: "src/cli/main.ts",
  controls: "src/cli/commands/controls.ts",
  check: "src/cli/commands/check.ts",
} as const;

/** What is copied as it is; a missing one is a mistake but for those that are made later in the project's life. */
const copied = ["bin", "LICENSE", "README.md", "profiles", "schemas"] as const;

export interface Built {
  readonly folder: string;
  /** Chunks with their sizes in bytes, the largest first. */
  readonly chunks: readonly { readonly file: string; readonly bytes: number }[];
  /** Packages that were bundled, as `name version`. */
  readonly packages: readonly string[];
}

/** Builds into a folder, which is emptied first. */
export async function buildPackage(folder: string): Promise<Built> {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const groups = new Map<string, string>();
  const bundle = await rolldown({
    cwd: root,
    input: entries(),
    platform: "node",
    treeshake: true,
    logLevel: "warn",
    plugins: [grouping(groups)],
  });
  const { output } = await bundle.write({
    dir: join(folder, "dist"),
    format: "esm",
    entryFileNames: "[name].js",
    chunkFileNames: "chunks/[name]-[hash].js",
    codeSplitting: {
      groups: Object.keys(together).map((name, at, names) => ({
        ...{ name, priority: names.length - at, test: (id) => groups.get(id) === name },
      })),
    },
    // Names of functions and classes stay, for traces and the numbers of internal errors; those of private methods do not.
    minify: {
      compress: true,
      mangle: { toplevel: true, keepNames: true },
      codegen: { removeWhitespace: true },
    },
    comments: { legal: true },
  });
  await bundle.close();
  for (const name of copied) cpSync(join(root, name), join(folder, name), { recursive: true });
  const chunks = output.filter((part): part is OutputChunk => part.type === "chunk");
  const packages = bundledPackages(chunks);
  writeFileSync(join(folder, "THIRD-PARTY-LICENSES.txt"), licences(packages));
  writeFileSync(join(folder, "package.json"), `${JSON.stringify(publishedManifest(), null, 2)}\n`);
  return {
    folder,
    chunks: chunks
      .map((chunk) => ({ file: chunk.fileName, bytes: Buffer.byteLength(chunk.code) }))
      .sort((a, b) => b.bytes - a.bytes),
    packages: packages.map(({ name, version }) => `${name} ${version}`),
  };
}

/** Notes of each module in which of the files that are loaded as one it belongs. */
function grouping(groups: Map<string, string>): Plugin {
  return {
    name: "grouping",
    buildEnd() {
      for (const [name, first] of Object.entries(together)) {
        const waiting = [join(root, first)];
        for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
          if (groups.has(id)) continue;
          groups.set(id, name);
          waiting.push(...(this.getModuleInfo(id)?.importedIds ?? []));
        }
      }
      // An entry is a file of its own.
      groups.delete(join(root, together.shared));
    },
  };
}

/** The CLI, and every program that Ringwall starts by its path. */
function entries(): Record<string, string> {
  const programs = ["operations/probes/agent-main"].filter((name) => existsSync(join(root, "src", `${name}.ts`)));
  return Object.fromEntries(["cli/main", ...programs].map((name) => [name, join(root, "src", `${name}.ts`)]));
}

interface BundledPackage {
  readonly name: string;
  readonly version: string;
  readonly licence: string;
  readonly folder: string;
}

function bundledPackages(chunks: readonly OutputChunk[]): readonly BundledPackage[] {
  const folders = new Set<string>();
  for (const id of chunks.flatMap((chunk) => chunk.moduleIds)) {
    const match = /^(.*[/\\]node_modules[/\\](?:@[^/\\]+[/\\])?[^/\\]+)[/\\]/.exec(id);
    if (match?.[1] !== undefined) folders.add(match[1]);
  }
  return [...folders].sort().map((folder) => {
    const manifest = readManifest(folder);
    return { name: text(manifest.name), version: text(manifest.version), licence: text(manifest.license), folder };
  });
}

/** The licence texts that must go with what was bundled. Throws when a package has none: then it may not be bundled. */
function licences(packages: readonly BundledPackage[]): string {
  const parts = packages.map(({ name, version, licence, folder }) => {
    return `${name} ${version} (${licence})\n\n${licenceText(name, folder).trim()}\n`;
  });
  return `This package contains the following software.\n\n${parts.join(`\n${"-".repeat(80)}\n\n`)}`;
}

/** Some packages (pg-types, pgpass) have the text of their licence in the README alone. */
function licenceText(name: string, folder: string): string {
  const files = readdirSync(folder);
  const own = files.find((entry) => /^licen[cs]e/i.test(entry));
  if (own !== undefined) return readFileSync(join(folder, own), "utf8");
  const readme = files.find((entry) => /^readme/i.test(entry));
  const text = readme === undefined ? "" : readFileSync(join(folder, readme), "utf8");
  const at = text.search(/^#* *(?:the )?(?:mit )?licen[cs]e/im);
  if (at >= 0 && /permission is hereby granted/i.test(text.slice(at))) return text.slice(at);
  throw new Error(`${name} has no licence file in ${relative(root, folder)}; it cannot be bundled.`);
}

/** The manifest without what only a checkout needs. Nothing is left to install: the dependencies are in the bundle. */
function publishedManifest(): Record<string, unknown> {
  const left = new Set(["private", "scripts", "dependencies", "devDependencies", "optionalDependencies"]);
  const manifest = readManifest(root);
  return {
    ...Object.fromEntries(Object.entries(manifest).filter(([key]) => !left.has(key))),
    files: ["bin", "dist", "profiles", "schemas", "THIRD-PARTY-LICENSES.txt"],
  };
}

function readManifest(folder: string): Record<string, unknown> {
  const manifest: unknown = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  if (typeof manifest !== "object" || manifest === null) throw new Error(`${folder}/package.json is no object.`);
  return { ...manifest };
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "unknown";
}

if (import.meta.main) {
  const { folder, chunks, packages } = await buildPackage(join(root, "dist", "package"));
  const total = chunks.reduce((sum, chunk) => sum + chunk.bytes, 0);
  console.log(`${relative(root, folder)}: ${chunks.length} chunks, ${Math.round(total / 1024)} KiB`);
  for (const { file, bytes } of chunks.slice(0, 12))
    console.log(`  ${String(Math.round(bytes / 1024)).padStart(6)} KiB  ${file}`);
  console.log(`bundled: ${packages.join(", ")}`);
}
