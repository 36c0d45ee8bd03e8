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
const stored = fc.oneof(
  spoilt(JOBS.map((job) => JSON.stringify(job))).map((text) => {
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
    never(fc.oneof(spoilt(TEXTS), fc.json(), hostile), 5_000, (text) =>
      strange(() => {
        const record = parseRecord(text, 'q7k2m9xt');
        if (record.v !== 1 || typeof record.state !== 'string') throw new Error('no record');
        good += 1;
      }),
    );
    expect(good).toBeGreaterThan(50);
  });

  it('is no longer approved when a word of its plan is another one', () => {
    const [, approved] = TEXTS;
    never(spoilt([approved ?? '']), 4_000, (text) => {
      let record: ChangeRecord;
      try {
        record = parseRecord(text, 'q7k2m9xt');
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
    never(fc.tuple(stored, fc.nat(READERS.length - 1)), 7_000, ([data, which]) =>
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
