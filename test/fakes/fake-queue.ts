import type { ChangeRequest } from '../../src/domain/change.ts';
import type { NoticeJob, QuestionJob, WhisperJob, WorkQueue } from '../../src/ports/queue.ts';

/** A queue that keeps what it is given and runs nothing. */
export interface FakeQueue extends WorkQueue {
  readonly plans: ChangeRequest[];
  readonly questions: QuestionJob[];
  /** Ids of changes. */
  readonly approved: string[];
  readonly wakes: { readonly changeId: string; readonly at: number }[];
  readonly expiries: { readonly changeId: string; readonly at: number }[];
  readonly cards: { readonly changeId: string; readonly revision: number }[];
  readonly whispers: WhisperJob[];
  readonly notices: NoticeJob[];
  /** Ids of incidents. */
  readonly incidents: string[];
  /** User ids. */
  readonly homes: string[];
  /** Called before each job is taken; what it throws is the answer. */
  onSubmit: ((kind: string) => unknown) | undefined;
  /** How many changes it says are waiting in a lane. */
  inLane: number;
  forget(): void;
}

export function fakeQueue(): FakeQueue {
  const queue: FakeQueue = {
    plans: [],
    questions: [],
    approved: [],
    wakes: [],
    expiries: [],
    cards: [],
    whispers: [],
    notices: [],
    incidents: [],
    homes: [],
    onSubmit: undefined,
    inLane: 0,
    forget() {
      for (const list of [queue.plans, queue.questions, queue.approved, queue.expiries]) {
        list.length = 0;
      }
      queue.wakes.length = 0;
      queue.cards.length = 0;
      queue.whispers.length = 0;
      queue.homes.length = 0;
      queue.notices.length = 0;
      queue.incidents.length = 0;
    },
    async submitPlan(request) {
      await queue.onSubmit?.('plan');
      queue.plans.push(request);
    },
    async submitQuestion(question) {
      await queue.onSubmit?.('question');
      queue.questions.push(question);
    },
    async waitingIn() {
      return queue.inLane;
    },
    async submitApproved({ changeId }) {
      await queue.onSubmit?.('approved');
      queue.approved.push(changeId);
    },
    async scheduleExpiry(changeId, at) {
      await queue.onSubmit?.('expiry');
      queue.expiries.push({ changeId, at });
    },
    async scheduleWake(changeId, at) {
      await queue.onSubmit?.('wake');
      queue.wakes.push({ changeId, at });
    },
    async refreshCard(changeId, revision) {
      await queue.onSubmit?.('card');
      queue.cards.push({ changeId, revision });
    },
    async notice(job) {
      await queue.onSubmit?.('notice');
      queue.notices.push(job);
    },
    async showIncident(id) {
      await queue.onSubmit?.('incident');
      queue.incidents.push(id);
    },
    async publishHome(userId) {
      await queue.onSubmit?.('home');
      queue.homes.push(userId);
    },
    async whisper(job) {
      await queue.onSubmit?.('whisper');
      queue.whispers.push(job);
    },
  };
  return queue;
}
