export type { Store } from "../secrets/store.ts";
