import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** Another program that checks Compose files, and how it is called; or why it is not here. */
export type Peer =
  | { readonly name: string; readonly command: (files: readonly string[]) => readonly string[] }
  | { readonly name: string; readonly missing: string };

/**
 * The peers, installed by their own registries' clients into a folder outside of the repository. One that cannot be
 * installed (no network, no Python) is told with the reason, and the benchmark goes on without it.
 */
export function installPeers(folder: string): readonly Peer[] {
  mkdirSync(folder, { recursive: true });
  return [composeLint(join(folder, "compose-lint")), dclint(join(folder, "dclint"))];
}

/** A peer over mixed formats: what of them it reads. */
export type MixedPeer = Peer & { readonly reads: "all" | "compose" };

/** Those that are measured over mixed formats: checkov reads most of them, compose-lint its own. */
export function installMixedPeers(folder: string): readonly MixedPeer[] {
  mkdirSync(folder, { recursive: true });
  return [
    { ...checkov(join(folder, "checkov")), reads: "all" },
    { ...composeLint(join(folder, "compose-lint")), reads: "compose" },
  ];
}

/** Without its own downloads: it is measured at checking. */
function checkov(folder: string): Peer {
  const program = join(folder, "bin", "checkov");
  const problem = attempt(() => {
    if (existsSync(program)) return;
    execFileSync("python3", ["-m", "venv", folder], { stdio: "pipe" });
    execFileSync(join(folder, "bin", "pip"), ["install", "--quiet", "checkov"], { stdio: "pipe", timeout: 300_000 });
  });
  if (problem !== undefined) return { name: "checkov", missing: problem };
  const version = execFileSync(program, ["--version"], { encoding: "utf8" }).trim();
  const options = [
    "--quiet",
    "--compact",
    "--skip-download",
    "--framework",
    "kubernetes",
    "dockerfile",
    "github_actions",
    "kustomize",
    "terraform",
    "secrets",
  ];
  return { name: `checkov ${version}`, command: () => [program, ...options, "--directory", "."] };
}

function composeLint(folder: string): Peer {
  const program = join(folder, "bin", "compose-lint");
  const problem = attempt(() => {
    if (existsSync(program)) return;
    execFileSync("python3", ["-m", "venv", folder], { stdio: "pipe" });
    execFileSync(join(folder, "bin", "pip"), ["install", "--quiet", "compose-lint"], {
      stdio: "pipe",
      timeout: 120_000,
    });
  });
  if (problem !== undefined) return { name: "compose-lint", missing: problem };
  const version = execFileSync(program, ["--version"], { encoding: "utf8" }).trim();
  return { name: version, command: (files) => [program, "check", ...files] };
}

function dclint(folder: string): Peer {
  const home = join(folder, "node_modules", "dclint");
  const problem = attempt(() => {
    if (existsSync(home)) return;
    mkdirSync(folder, { recursive: true });
    const options = ["--ignore-scripts", "--no-audit", "--no-fund", "--no-save"];
    execFileSync("npm", ["install", "--prefix", folder, ...options, "dclint"], { stdio: "pipe", timeout: 120_000 });
  });
  if (problem !== undefined) return { name: "dclint", missing: problem };
  const manifest: unknown = JSON.parse(readFileSync(join(home, "package.json"), "utf8"));
  const version = typeof manifest === "object" && manifest !== null && "version" in manifest ? manifest.version : "";
  return {
    name: `dclint ${version}`,
    command: (files) => [process.execPath, join(home, "bin", "dclint.cjs"), ...files],
  };
}

/** Undefined when it went well, else the first line of what went wrong. */
function attempt(run: () => void): string | undefined {
  try {
    run();
    return undefined;
  } catch (error) {
    return error instanceof Error
      ? (error.message.split("\n").find((line) => line.trim() !== "") ?? "")
      : String(error);
  }
}
