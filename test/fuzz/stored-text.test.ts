import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { approvedPlan } from '../../src/domain/approval.ts';
import { readSegment } from '../../src/domain/audit-segment.ts';
import type { ChangeRecord } from '../../src/domain/change.ts';
import { OperationError } from '../../src/domain/errors.ts';
import {
  applyJob,
  changeJob,
  homeJob,
  isUnknownVersion,
  noticeJob,
  planJob,
  questionJob,
  reportJob,
  whisperJob,
} from '../../src/queue/jobs.ts';
import { readDecisionBlockId, readDecisionValue } from '../../src/slack/decision-id.ts';
import { parseRecord } from '../../src/store/record-schema.ts';
import { approval, changeRecord, changeRequest, KEY, plan } from '../fakes/samples.ts';
import { hostile, never, seed, spoilt } from './hostile.ts';

const planned = plan();
const RECORDS: readonly ChangeRecord[] = [
  changeRecord('q7k2m9xt'),
  changeRecord('q7k2m9xt', {
    state: 'approved',
    plan: planned,
    approval: approval('q7k2m9xt', planned),
  }),
];
const TEXTS = RECORDS.map((record) => JSON.stringify(record));

/** Every place in a value, as the keys that lead there. */
function placesIn(value: unknown, above: readonly string[] = []): readonly (readonly string[])[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => {
    const place = [...above, key];
    return [place, ...placesIn(inner, place)];
  });
}

/** The text of a value in which one place is empty or holds something else. */
function reshaped(values: readonly unknown[]): fc.Arbitrary<string> {
  const other = fc.oneof(
    fc.constantFrom<unknown>(undefined, null, 0, -1, '', [], {}, [null], true),
    fc.jsonValue({ maxDepth: 1 }),
    hostile,
  );
  return fc.tuple(fc.constantFrom(...values), fc.nat(), other).map(([value, which, instead]) => {
    const copy = JSON.parse(JSON.stringify(value)) as object;
    const places = placesIn(copy);
    const place = places[which % places.length] ?? [];
    const holder = place.slice(0, -1).reduce<object>((at, key) => Reflect.get(at, key), copy);
    Reflect.set(holder, place.at(-1) ?? '', instead);
    return JSON.stringify(copy);
  });
}

const JOBS: readonly unknown[] = [
  { v: 1, request: changeRequest('q7k2m9xt') },
  { v: 1, changeId: 'q7k2m9xt', lane: 'web', stage: 0, approvalMac: 'a'.repeat(64) },
  { v: 1, changeId: 'q7k2m9xt', stage: 1 },
  { v: 1, userId: 'U0OPS' },
  { v: 2, userId: 'U0OPS' },
  { v: 1, notice: { id: 'n1', channel: 'C0OPS', text: 'x', mentions: [], changeId: 'q7k2m9xt' } },
];
const READERS = [
  ...[planJob, applyJob, changeJob, reportJob, homeJob, noticeJob, questionJob, whisperJob],
] as const;

/** JSON that somebody else may have written: spoilt text that is JSON still, or any value at all. */
const jobData = fc.oneof(
  fc.oneof(spoilt(JOBS.map((job) => JSON.stringify(job))), reshaped(JOBS)).map((text) => {
    try {
      return JSON.parse(text) as unknown;
    } catch {
      return text;
    }
  }),
  fc.constantFrom(...JOBS),
  fc.jsonValue(),
  fc.anything(),
);

/** What was thrown, if it is none of ours. */
function strange(work: () => unknown): string | undefined {
  try {
    work();
  } catch (thrown) {
    if (!(thrown instanceof OperationError)) return `threw ${String(thrown)}`;
  }
  return undefined;
}

describe(`what lies in the store (LB_FUZZ_SEED=${seed})`, () => {
  it('is a change as this version writes it, or a fault of ours', () => {
    let good = 0;
    const text = fc.oneof(spoilt(TEXTS), reshaped(RECORDS), fc.json(), hostile);
    never(text, 5_000, (stored) =>
      strange(() => {
        const record = parseRecord(stored, 'q7k2m9xt');
        if (record.v !== 1 || typeof record.state !== 'string') throw new Error('no record');
        good += 1;
      }),
    );
    expect(good).toBeGreaterThan(50);
  });

  it('is no longer approved when a word of its plan is another one', () => {
    const [, approved] = RECORDS;
    const text = fc.oneof(spoilt([JSON.stringify(approved)]), reshaped([approved]));
    never(text, 4_000, (stored) => {
      let record: ChangeRecord;
      try {
        record = parseRecord(stored, 'q7k2m9xt');
      } catch {
        return undefined;
      }
      return strange(() => {
        const { plan: agreed } = approvedPlan(record, KEY);
        const sent = JSON.stringify(agreed.steps.map(({ commands, member }) => [commands, member]));
        const asked = JSON.stringify(
          planned.steps.map(({ commands, member }) => [commands, member]),
        );
        if (sent !== asked) throw new Error(`approved: ${sent}`);
      });
    });
  });

  it('is a job or a fault of ours', () => {
    never(fc.tuple(jobData, fc.nat(READERS.length - 1)), 7_000, ([data, which]) =>
      strange(() => {
        isUnknownVersion(data);
        READERS[which]?.(data);
      }),
    );
  });

  it('is a piece of the audit or a sentence about it', () => {
    const line = '{"sequence":1,"at":1,"previous":"0","hash":"1","kind":"planned"}\n';
    never(spoilt([line, line + line]), 2_000, (text) =>
      strange(() => {
        const reading = readSegment(text);
        if ('fault' in reading && reading.fault === '') throw new Error('no reason');
      }),
    );
  });
});

describe('what a button carries', () => {
  it('is what we made, or nothing', () => {
    const ids = ['change.q7k2m9xt.3f9a0b1c2d3e.4', 'q7k2m9xt', 'q7k2m9xt.1800000'];
    never(fc.oneof(spoilt(ids), hostile), 3_000, (text) =>
      strange(() => {
        const block = readDecisionBlockId(text);
        const read = [
          block?.changeId,
          ...(['approve', 'extend'] as const).map(
            (verb) => readDecisionValue(verb, text)?.changeId,
          ),
        ];
        const odd = read.find((id) => id !== undefined && !/^[A-Za-z0-9-]{1,64}$/.test(id));
        if (odd !== undefined) throw new Error(`the id ${odd}`);
      }),
    );
  });
});
