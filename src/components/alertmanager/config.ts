import { stringify } from "yaml";
import type { ResolvedStack } from "../../contracts/resolved.ts";

/** `alertmanager.yml`: every alert goes to every receiver of the stack; critical ones are repeated sooner. */
export function alertmanagerConfig(stack: ResolvedStack): string {
  const webhooks = stack.monitoring.alertReceivers.map((receiver) => ({
    send_resolved: true,
    ...(receiver.webhookSecret === undefined
      ? { url: receiver.webhookUrl }
      : { url_file: secretPath(receiver.webhookSecret) }),
  }));
  const config = {
    route: {
      receiver: "everyone",
      group_by: ["alertname", "job"],
      group_wait: "30s",
      group_interval: "5m",
      repeat_interval: "12h",
      routes: [{ receiver: "everyone", matchers: ['severity="critical"'], repeat_interval: "1h" }],
    },
    receivers: [{ name: "everyone", ...(webhooks.length === 0 ? {} : { webhook_configs: webhooks }) }],
  };
  const text = stringify(config, { lineWidth: 0, aliasDuplicateObjects: false });
  return `# Made by Ringwall from the stack "${stack.name}". Changes here are lost.\n${text}`;
}

/** Where a receiver's address is delivered, when it is a secret. */
export function secretPath(secret: string): string {
  return `/run/secrets/${secret}`;
}
