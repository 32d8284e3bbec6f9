import type { Component } from "../contracts/component.ts";
import type { Rotator } from "../contracts/rotator.ts";
import { alertmanager } from "./alertmanager/index.ts";
import { caddy } from "./caddy/index.ts";
import { mosquitto } from "./mosquitto/index.ts";
import { mosquittoUser } from "./mosquitto/rotator.ts";
import { nodeExporter } from "./node-exporter/index.ts";
import { postgres } from "./postgres/index.ts";
import { postgresRole } from "./postgres/rotator.ts";
import { prometheus } from "./prometheus/index.ts";

/** How secrets that components issue are rotated. */
export const componentRotators: readonly Rotator[] = [postgresRole, mosquittoUser];

/** Every component that Ringwall knows; one folder each. */
export const components: readonly Component[] = [alertmanager, caddy, mosquitto, nodeExporter, postgres, prometheus];
