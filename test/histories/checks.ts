import { createHash } from 'node:crypto';
import type { AuditEntry } from '../../src/domain/audit.ts';
import { type ChangeRecord, isOpen } from '../../src/domain/change.ts';
import { cardsOf, told } from '../journeys/acting.ts';
import type { Site } from './history.ts';
import { adminBy, type Matched, stepOf } from './matching.ts';
import { RIGHT_PEOPLE } from './people.ts';
import type { Scene } from './play.ts';
import { shown } from './timeline.ts';

/** What is known when everything is at rest. */
export interface Found {
  readonly scene: Scene;
  readonly site: Site;
  readonly changes: readonly ChangeRecord[];
  readonly entries: readonly AuditEntry[];
  readonly headSigned: boolean;
  readonly matched: readonly Matched[];
}

type Faults = (words: string) => void;

/** Every change was asked for by somebody who was told so, and has one end, one card and one closing word. */
export function checkOutcomes({ scene, changes, entries, matched }: Found, fault: Faults): void {
  const { typed } = scene.people;
  const isTold = new Set(typed.filter(({ taken }) => taken !== 'no').flatMap(({ id }) => id ?? []));
  const nameless = typed.filter(({ taken, id }) => taken === 'unknown' && id === undefined);
  const known = new Set(changes.map(({ id }) => id));
  for (const { taken, id, text } of typed) {
    if (taken === 'yes' && id !== undefined && !known.has(id)) {
      fault(`outcome: "${text}" was taken as ${id}, and there is no such change`);
    }
  }
  for (const record of changes) {
    const { id, state } = record;
    const isRestore = record.request.origin.via === 'shell';
    const by = record.request.actor.id;
    if (!isRestore && !isTold.has(id) && !nameless.some((one) => one.by === by)) {
      fault(`outcome: change ${id} was made, but whoever asked was told that nothing happened`);
    }
    if (isOpen(state)) fault(`outcome: change ${id} is still ${state}`);
    const ends = new Set(
      entries
        .filter(({ changeId, kind }) => changeId === id && kind === 'finished')
        .map(({ detail }) => String(detail.state)),
    );
    if (ends.size > 1 || (ends.size === 1 && !ends.has(state))) {
      fault(`outcome: change ${id} is ${state}; the audit says ${[...ends].join(' and ')}`);
    }
    checkMessages(scene, record, fault);
    const wrote = matched.some(({ announced }) => announced.entry.changeId === id);
    if (wrote && ['denied', 'cancelled', 'expired', 'refused'].includes(state)) {
      fault(`outcome: change ${id} is ${state}, and yet it wrote`);
    }
  }
}

function checkMessages({ stage }: Scene, record: ChangeRecord, fault: Faults): void {
  const { id } = record;
  const cards = cardsOf(stage, id);
  const endings = stage.slack.state.messages.filter(
    ({ metadata }) =>
      metadata?.event_type === 'lb_change_ending' && metadata.event_payload.id === id,
  );
  if (cards.length === 0 && record.plan === undefined) {
    const words = told(stage, record.request.actor.id).join('\n');
    if (!words.includes(record.fault?.message ?? 'no reason')) {
      fault(`outcome: nobody was told why ${id} is ${record.state} (${record.fault?.message})`);
    }
    return;
  }
  if (cards.length !== 1) fault(`outcome: change ${id} has ${cards.length} cards`);
  if (endings.length !== 1) fault(`outcome: change ${id} has ${endings.length} closing words`);
  if (/"change\.(approve|deny|cancel)"/.test(JSON.stringify(cards.map(({ blocks }) => blocks)))) {
    fault(`outcome: the card of ${id} (${record.state}) still has buttons`);
  }
}

/** Nothing was written without the yes it needs: from the right people's clicks, not from what the product says. */
export function checkApprovals(
  { scene, site, changes, entries, matched }: Found,
  fault: Faults,
): void {
  const first = new Map<string, Matched>();
  for (const one of matched) {
    const { changeId } = one.announced.entry;
    if (!first.has(changeId)) first.set(changeId, one);
  }
  for (const [id, { write, announced }] of first) {
    const record = changes.find((one) => one.id === id);
    const says = (kind: AuditEntry['kind']) =>
      entries.some(
        (entry) =>
          entry.changeId === id && entry.kind === kind && entry.sequence < announced.entry.sequence,
      );
    const wrong = (why: string) => fault(`approval: change ${id} wrote "${write.command}": ${why}`);
    const requester = record?.request.actor.id;
    switch (record?.approval?.kind) {
      case undefined:
        wrong('there is no approval');
        break;
      case 'people': {
        if (!says('approved')) wrong('the audit does not say that it was approved before');
        const clicks = scene.people.clicked.filter(
          (one) => one.id === id && one.action === 'change.approve' && one.at <= write.at,
        );
        const counted = clicks.filter(({ by }) => RIGHT_PEOPLE.includes(by) && by !== requester);
        if (counted.length === 0) wrong('no approver but the one who asked had clicked');
        const votes = record.approval.votes;
        if (votes.length === 0 || !votes.every((by) => counted.some((one) => one.by === by))) {
          wrong(`it counts the yes of ${votes.join(', ')}`);
        }
        break;
      }
      case 'nobody needed':
        if (site.approval) wrong('somebody had to agree');
        if (!says('planned')) wrong('the audit does not say that it was planned');
        break;
      case 'break glass': {
        const asked = scene.people.typed.find((one) => one.id === id);
        if (asked !== undefined && !asked.text.includes('break glass')) wrong('nobody broke glass');
        if (!says('planned')) wrong('the audit does not say that it was planned');
        break;
      }
      case 'restore': {
        const restored = /^restore of (?<id>\w+)$/.exec(record.approval.by)?.groups?.id;
        if (!first.has(restored ?? '')) wrong(`what it restores (${restored}) never wrote`);
        if (!says('planned')) wrong('the audit does not say that it was planned');
      }
    }
  }
}

/** JSON with its keys in order, written anew here. */
function ordered(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map((one) => ordered(one)).join(',')}]`;
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  const fields = Object.entries(value)
    .filter(([, inner]) => inner !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, inner]) => `${JSON.stringify(key)}:${ordered(inner)}`);
  return `{${fields.join(',')}}`;
}

/** The chain is whole, its head signed, and what it calls verified is what HAProxy showed. */
export function checkAudit(found: Found, fault: Faults): void {
  const { entries, headSigned, matched, scene } = found;
  let previous = '0'.repeat(64);
  for (const [index, { hash, ...body }] of entries.entries()) {
    const right = createHash('sha256').update(ordered(body)).digest('hex');
    if (body.sequence !== index + 1 || body.previous !== previous || hash !== right) {
      fault(`audit: the chain breaks at entry ${body.sequence}`);
      break;
    }
    previous = hash;
  }
  if (!headSigned) fault('audit: the head is not signed');
  checkTold(found, fault);
  for (const entry of entries) {
    const step = entry.kind === 'verified' ? stepOf(entry) : undefined;
    if (step === undefined) continue;
    const { node, member, to } = step;
    const own = matched.filter(
      ({ write, announced }) =>
        write.node === node &&
        write.member === member &&
        announced.entry.changeId === entry.changeId &&
        announced.entry.sequence < entry.sequence,
    );
    const last = own.at(-1)?.write;
    const seen = last?.after.get(member);
    if (last === undefined || seen === undefined) {
      fault(`audit: ${member} on ${node} is called verified in ${entry.changeId} without a write`);
    } else if (adminBy(seen.admin) !== to.admin || seen.weight !== to.weight) {
      const touched = scene.timeline.outside.some(
        (act) => act.node === node && act.at <= entry.at && act.until >= last.at,
      );
      if (!touched) {
        fault(
          `audit: ${member} on ${node} is called ${to.admin}/${to.weight} in ${entry.changeId}; seen: ${shown(last.after)}`,
        );
      }
    }
  }
}

/** What a change that is done calls verified stands in the audit, step by step. */
function checkTold({ changes, entries }: Found, fault: Faults): void {
  const said = entries
    .filter(({ kind }) => kind === 'verified')
    .flatMap((one) => stepOf(one) ?? []);
  for (const { id, state, plan, outcome } of changes) {
    const verified = state === 'done' ? (outcome?.steps ?? []) : [];
    for (const { index } of verified.filter(({ result }) => result === 'verified')) {
      const step = plan?.steps[index];
      const isSaid = said.some(
        ({ entry, node, member, to }) =>
          entry.changeId === id &&
          node === step?.balancer &&
          member === step.member &&
          to.admin === step.after.admin &&
          to.weight === step.after.weight,
      );
      if (!isSaid) fault(`audit: ${step?.member} on ${step?.balancer} is verified in ${id} alone`);
    }
  }
}
