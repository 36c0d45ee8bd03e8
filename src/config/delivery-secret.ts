import type { EnvironmentName } from './environment-readers.ts';

/** What the role bot cannot do without so that Slack's deliveries reach it; hangs on LB_SLACK_MODE. */
export function deliverySecret(
  env: Readonly<Record<string, string | undefined>>,
): Extract<EnvironmentName, 'SLACK_APP_TOKEN' | 'SLACK_SIGNING_SECRET'> {
  return env.LB_SLACK_MODE === 'http' ? 'SLACK_SIGNING_SECRET' : 'SLACK_APP_TOKEN';
}
