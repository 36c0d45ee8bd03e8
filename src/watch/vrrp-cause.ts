import type { IncidentFact } from '../domain/incident.ts';
import type { NodePicture, Picture } from './vrrp-picture.ts';
import { spanWords } from './words.ts';

/** Label of a cause that was seen. */
export const CAUSE = 'Cause';
export const FAULT_WHY = 'its interface is down, or a tracked script fails';

interface Asked {
  readonly picture: Picture;
  readonly begunAt: number;
  /** The node that carried the traffic, and the one that does since. */
  readonly left: string;
  readonly next: string | undefined;
  /** Why, as it was seen while it was to be seen. */
  readonly knownCause: string | undefined;
}

interface Cause {
  readonly text: string;
  /** Seen on the node itself, and not only guessed from how it stands by now. */
  readonly isSeen: boolean;
  /** A better reason than that the node did not answer for a while. */
  readonly explainsSilence: boolean;
}

/** Said of a node that may be anything: whatever it shows later is a better reason. */
const SILENT = 'does not answer: the node, its network or its ssh is gone';

const seen = (text: string, explainsSilence = true): Cause => ({
  text,
  isSeen: true,
  explainsSilence,
});
const guessed = (text: string): Cause => ({ text, isSeen: false, explainsSilence: false });

/** Why the node that carried the traffic no longer does, as far as the evidence tells. */
function causeOf({ picture, begunAt, left, next }: Asked): Cause {
  const node = picture.nodes.find((each) => each.node === left);
  const other = picture.nodes.find((each) => each.node === next);
  if (node === undefined || node.role === undefined) return guessed('not known');
  if (node.isSilent) {
    return seen(`${left} ${SILENT} (${node.silentWhy ?? 'no reason known'})`, false);
  }
  const isOutbid =
    node.role === 'BACKUP' &&
    other?.priority !== undefined &&
    other.priority > (node.priority ?? other.priority);
  // A look that came too late for once explains nothing that the priorities do.
  const returned =
    isOutbid && node.returned?.after === 'ran on' ? undefined : returnWords(node, begunAt);
  if (returned !== undefined) return seen(returned);
  switch (node.role) {
    case 'DOWN':
      return seen(`keepalived on ${left} does not run any more: it was stopped, or it ended`);
    case 'STRANDED':
      return seen(
        `keepalived on ${left} is gone without a word, as after kill -9: the VIP stayed behind`,
      );
    case 'FAULT':
      return seen(`${left} is in FAULT: ${node.linkWhy ?? FAULT_WHY}`);
    case 'MASTER':
      return guessed(`not known yet; ${left} said MASTER when last looked at`);
    case 'BACKUP':
      if (isOutbid) {
        const words = `priority: ${next} has ${other.priority}, ${left} has ${node.priority}`;
        const why = node.idle === undefined ? '' : `; what balances on ${left} does not answer`;
        return seen(`${words}${why}`, node.hasFallen);
      }
      return guessed(`${left} is BACKUP: its keepalived was restarted, or its network was away`);
  }
}

/** What a node that did not answer was found to be once it did again; undefined where how it stands says more. */
function returnWords({ node, role, returned }: NodePicture, begunAt: number): string | undefined {
  if (returned === undefined || returned.at < begunAt) return undefined;
  switch (returned.after) {
    case 'started anew':
      return `${node} was started anew since: it lost its power, or was rebooted`;
    case 'stood still':
      return `${node} stood still, its clock too, and goes on: it was frozen, as a paused virtual machine is`;
    case 'ran on':
      if (role !== 'MASTER' && role !== 'BACKUP') return undefined;
      return `${node} did not answer for ${spanWords(returned.awayMs)} and was not restarted: its network was away (a cable, a switch), or it was frozen`;
  }
}

/** What was seen once stays, also when the node has recovered since; of one that was silent, what it shows then. */
export function causeFact(asked: Asked): IncidentFact {
  const { knownCause } = asked;
  const { isSeen, explainsSilence, text } = causeOf(asked);
  const isBetter = explainsSilence && knownCause?.includes(SILENT) === true;
  if (knownCause !== undefined && !isBetter) return { label: CAUSE, text: knownCause };
  return { label: isSeen ? CAUSE : 'Likely cause', text };
}
