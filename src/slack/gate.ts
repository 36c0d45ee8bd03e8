import type { Delivery } from './delivery.ts';
import type { SlackIdentity } from './identity.ts';

/**
 * Why a delivery is none of ours, as a sentence for the person who sent it; undefined when it comes from a person
 * of our own workspace through our own app. Bolt itself lets every workspace in.
 */
export function whyRefused(delivery: Delivery, identity: SlackIdentity): string | undefined {
  const foreign = whyForeign(delivery, identity);
  if (foreign !== undefined) return foreign;
  if (delivery.userTeamId !== identity.teamId) {
    return 'Only people of this workspace may do that; you belong to another organisation.';
  }
  if (delivery.userId === undefined || delivery.userId === identity.botUserId) {
    return 'A bot cannot do that.';
  }
  if (delivery.triggerId === undefined) {
    return 'Slack sent this without a trigger id, so it could be run twice.';
  }
  return undefined;
}

/** The same for an event, which nobody waits for and which names no workspace of the person. */
export function whyForeign(delivery: Delivery, identity: SlackIdentity): string | undefined {
  if (identity.appId !== undefined && delivery.appId !== identity.appId) {
    return 'This came through another Slack app than the one the bot runs as; each bot needs an app of its own.';
  }
  if (delivery.forWholeOrganisation) {
    return 'The app is installed for a whole organisation; it works only when installed in one workspace.';
  }
  if (delivery.teamId !== identity.teamId) {
    return 'This bot works in its own workspace only.';
  }
  return undefined;
}
