#!/usr/bin/env node
// In a checkout the sources run as they are (Node strips the types); a published package has the bundle only.
import { existsSync } from "node:fs";
import module from "node:module";

module.enableCompileCache?.();
const source = new URL("../src/cli/main.ts", import.meta.url);
const bundle = new URL("../dist/cli/main.js", import.meta.url);
await import(existsSync(source) ? source.href : bundle.href);
