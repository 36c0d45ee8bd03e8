import { type ChangeRecord, isOpen } from '../domain/change.ts';
import { faultOf } from '../domain/errors.ts';
import type { Incident } from '../domain/incident.ts';
import { findSubject, type Inventory } from '../domain/inventory.ts';
import type { AdapterOf, LoadBalancerAdapter } from '../ports/adapter.ts';
import type { ApprovalEnd, Metrics } from '../ports/metrics.ts';
import type { AuditLog, ChangeStore, Stores } from '../ports/records.ts';
import type { WatchRecords } from '../ports/watch-records.ts';

/**
 * The same stores, measured: every way of a change leads through its record, so what is counted there is counted
 * once, whichever process does it.
 */
export function measuredStores(stores: Stores, inventory: Inventory, metrics: Metrics): Stores {
  return {
    ...stores,
    changes: measuredChanges(stores.changes, inventory, metrics),
    audit: measuredAudit(stores, inventory, metrics),
    watched: measuredWatch(stores.watched, metrics),
  };
}

function measuredChanges(
  changes: ChangeStore,
  inventory: Inventory,
  metrics: Metrics,
): ChangeStore {
  return {
    ...changes,
    async update(changeId, next) {
      let before: ChangeRecord | undefined;
      const record = await changes.update(changeId, (latest) => {
        const wanted = next(latest);
        before = wanted === undefined ? undefined : latest;
        return wanted;
      });
      if (before !== undefined) noteTransition(before, record, inventory, metrics);
      return record;
    },
  };
}

/** Clicks that did not count and changes by hand alter no record; the audit log has them. */
function measuredAudit(
  { audit, changes }: Stores,
  inventory: Inventory,
  metrics: Metrics,
): AuditLog {
  return {
    ...audit,
    async append(fact) {
      const entry = await audit.append(fact);
      if (fact.kind === 'refused' && fact.detail.verb === 'approve') {
        const record = await changes.get(fact.changeId).catch(() => undefined);
        metrics.approval(record === undefined ? '' : environmentOf(record, inventory), 'refused');
      }
      if (fact.kind === 'drifted') metrics.drifted(String(fact.detail.balancer));
      return entry;
    },
  };
}

/** Kinds of incidents remembered, so that one that turns out to be another is counted as that, too. */
const KINDS_KEPT_MAX = 1_000;

function measuredWatch(watched: WatchRecords, metrics: Metrics): WatchRecords {
  const kinds = new Map<string, Incident['kind']>();
  return {
    ...watched,
    async commit(step) {
      const written = await watched.commit(step);
      if (!written) return false;
      for (const { kind } of step.events) metrics.happened(kind);
      for (const { id, kind, revision } of step.incidents) {
        const before = kinds.get(id);
        if (before === undefined ? revision === 1 : before !== kind) metrics.incident(kind);
        kinds.set(id, kind);
        const oldest = kinds.keys().next().value;
        if (kinds.size > KINDS_KEPT_MAX && oldest !== undefined) kinds.delete(oldest);
      }
      return true;
    },
    async keep(incident) {
      const written = await watched.keep(incident);
      if (written && incident.revision === 1) metrics.incident(incident.kind);
      return written;
    },
  };
}

function environmentOf(record: ChangeRecord, inventory: Inventory): string {
  return findSubject(inventory, record.request.command.service)?.environment.name ?? '';
}

const AT_WORK: readonly ChangeRecord['state'][] = ['running', 'unknown'];

function noteTransition(
  before: ChangeRecord,
  after: ChangeRecord,
  inventory: Inventory,
  metrics: Metrics,
): void {
  if (before.state === after.state) return;
  const environment = environmentOf(after, inventory);
  if (before.state === 'planning') {
    metrics.planned(environment, after.updatedAt - after.request.acceptedAt);
  }
  const end = approvalEnd(before, after);
  if (end !== undefined) metrics.approval(environment, end);
  const isOver = AT_WORK.includes(before.state) && !AT_WORK.includes(after.state);
  if (isOver && before.stage === 0 && after.approval !== undefined) {
    metrics.applied(environment, after.updatedAt - after.approval.at);
  }
  if (!isOpen(before.state) || isOpen(after.state)) return;
  metrics.changeEnded({ environment, verb: after.request.command.verb, state: after.state });
  if ((after.fault ?? after.outcome?.fault)?.code === 'GUARD') metrics.guardRefused(environment);
}

function approvalEnd(before: ChangeRecord, after: ChangeRecord): ApprovalEnd | undefined {
  if (before.state === 'approved' && after.state === 'waiting') return 'asked again';
  if (before.state !== 'waiting') return undefined;
  switch (after.state) {
    case 'denied':
    case 'cancelled':
    case 'expired':
      return after.state;
    default:
      return after.approval === undefined ? undefined : 'given';
  }
}

/** The same adapters, measured. */
export function measuredAdapters(adapterOf: AdapterOf, metrics: Metrics): AdapterOf {
  const counted = async <T>(balancer: string, work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (thrown) {
      metrics.deviceFault(balancer, faultOf(thrown).code);
      throw thrown;
    }
  };
  return (balancer): LoadBalancerAdapter => {
    const adapter = adapterOf(balancer);
    return {
      ...adapter,
      read: (pool, deadline) => counted(balancer, () => adapter.read(pool, deadline)),
      apply: (step, gate, deadline) => counted(balancer, () => adapter.apply(step, gate, deadline)),
    };
  };
}
