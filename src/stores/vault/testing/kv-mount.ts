import type { Capability } from "./vault-server.ts";

interface Version {
  readonly data: Record<string, unknown>;
  readonly created: Date;
  deleted: Date | undefined;
  destroyed: boolean;
}

type Answered =
  | { readonly status: number; readonly data?: unknown }
  | { readonly status: number; readonly errors: readonly string[] };

/** A mounted KV engine, after vault-plugin-secrets-kv v0.25.0 (`path_data.go`, `path_metadata.go`) and its API pages. */
export class KvMount {
  readonly version: 1 | 2;
  readonly secrets = new Map<string, Version[]>();
  casRequired = false;

  constructor(version: 1 | 2 = 2) {
    this.version = version;
  }

  /** What a token needs; undefined for a path that the engine does not have. */
  capability(method: string, path: string): Capability | undefined {
    if (method === "GET") return "read";
    if (method === "LIST") return "list";
    if (method === "DELETE") return "delete";
    return this.secrets.has(path.replace(/^(?:data|metadata)\//, "")) ? "update" : "create";
  }

  answer(method: string, path: string, body: Record<string, unknown>, url: URL, now: Date): Answered {
    if (this.version === 1) return { status: method === "POST" ? 204 : 404, errors: [] };
    const at = path.indexOf("/");
    const kind = at < 0 ? path : path.slice(0, at);
    const key = at < 0 ? "" : path.slice(at + 1);
    if (kind === "data" && key !== "") return this.#data(method, key, body, url, now);
    if (kind === "metadata") return this.#metadata(method, key, now);
    if ((kind === "delete" || kind === "destroy") && method !== "GET") return this.#end(kind, key, body, now);
    return { status: 404, errors: ["unsupported path"] };
  }

  #data(method: string, key: string, body: Record<string, unknown>, url: URL, now: Date): Answered {
    const versions = this.secrets.get(key) ?? [];
    if (method === "GET") {
      const number = Number(url.searchParams.get("version") ?? 0) || versions.length;
      const found = versions[number - 1];
      if (found === undefined) return { status: 404, errors: [] };
      const gone = found.destroyed || found.deleted !== undefined;
      return {
        status: gone ? 404 : 200,
        data: { data: gone ? null : found.data, metadata: metadataOf(found, number) },
      };
    }
    if (method === "DELETE") {
      const last = versions.at(-1);
      if (last !== undefined) last.deleted ??= now;
      return { status: 204 };
    }
    if (method !== "POST" && method !== "PUT") return { status: 405, errors: ["unsupported operation"] };
    return this.#write(key, versions, body, now);
  }

  #write(key: string, versions: Version[], body: Record<string, unknown>, now: Date): Answered {
    if (!isRecord(body.data)) return { status: 400, errors: ["no data provided"] };
    const cas = isRecord(body.options) ? body.options.cas : undefined;
    if (cas === undefined && this.casRequired) {
      return { status: 400, errors: ["check-and-set parameter required for this call"] };
    }
    if (cas !== undefined && cas !== versions.length) {
      return { status: 400, errors: ["check-and-set parameter did not match the current version"] };
    }
    const added: Version = { data: structuredClone(body.data), created: now, deleted: undefined, destroyed: false };
    this.secrets.set(key, [...versions, added]);
    return { status: 200, data: metadataOf(added, versions.length + 1) };
  }

  #metadata(method: string, key: string, now: Date): Answered {
    if (method === "LIST") {
      const folder = key === "" ? "" : `${key.replace(/\/$/, "")}/`;
      const below = [...this.secrets.keys()]
        .filter((one) => one.startsWith(folder))
        .map((one) => one.slice(folder.length));
      const keys = [
        ...new Set(below.map((one) => (one.includes("/") ? `${one.slice(0, one.indexOf("/"))}/` : one))),
      ].sort();
      return keys.length === 0 ? { status: 404, errors: [] } : { status: 200, data: { keys } };
    }
    if (method === "DELETE") {
      this.secrets.delete(key);
      return { status: 204 };
    }
    const versions = this.secrets.get(key);
    if (method !== "GET" || versions === undefined) return { status: 404, errors: [] };
    return {
      status: 200,
      data: {
        cas_required: false,
        created_time: (versions[0]?.created ?? now).toISOString(),
        current_version: versions.length,
        custom_metadata: null,
        delete_version_after: "0s",
        max_versions: 0,
        oldest_version: 0,
        updated_time: now.toISOString(),
        versions: Object.fromEntries(
          versions.map((one, index) => {
            const { version: _, custom_metadata: __, ...rest } = metadataOf(one, index + 1);
            return [String(index + 1), rest];
          }),
        ),
      },
    };
  }

  #end(kind: "delete" | "destroy", key: string, body: Record<string, unknown>, now: Date): Answered {
    const numbers = Array.isArray(body.versions) ? body.versions.map(Number) : [];
    if (numbers.length === 0) return { status: 400, errors: ["no version number provided"] };
    for (const number of numbers) {
      const found = this.secrets.get(key)?.[number - 1];
      if (found === undefined) continue;
      if (kind === "destroy") found.destroyed = true;
      else found.deleted ??= now;
    }
    return { status: 204 };
  }
}

function metadataOf(version: Version, number: number) {
  return {
    created_time: version.created.toISOString(),
    custom_metadata: null,
    deletion_time: version.deleted?.toISOString() ?? "",
    destroyed: version.destroyed,
    version: number,
  };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
