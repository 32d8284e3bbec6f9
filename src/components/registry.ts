import type { Component } from "../contracts/component.ts";
import { alertmanager } from "./alertmanager/index.ts";
import { caddy } from "./caddy/index.ts";
import { mosquitto } from "./mosquitto/index.ts";
import { nodeExporter } from "./node-exporter/index.ts";
import { postgres } from "./postgres/index.ts";
import { prometheus } from "./prometheus/index.ts";

/** Every component that Ringwall knows; one folder each. */
export const components: readonly Component[] = [alertmanager, caddy, mosquitto, nodeExporter, postgres, prometheus];
