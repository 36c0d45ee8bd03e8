import type { JobHandlers } from '../ports/queue.ts';
import { notice, refreshCard, whisper } from './announce.ts';
import { applyLane } from './apply.ts';
import { expire } from './approve.ts';
import type { WorkerContext } from './context.ts';
import { settle } from './finish.ts';
import { peopleOf, publishHome, refreshHomes } from './home.ts';
import { showDueIncidents, showIncident } from './incidents.ts';
import { announceOrphans } from './orphans.ts';
import { planChange } from './plan.ts';
import { answerQuestion } from './questions.ts';
import { sweep } from './sweep.ts';
import { wake } from './wake.ts';

/** What a worker does with each kind of job. */
export function createHandlers(context: WorkerContext): JobHandlers {
  return {
    plan: (request) => planChange(context, request),
    question: (question) => answerQuestion(context, question),
    apply: (job, signal) => applyLane(context, job, signal),
    async report(changeId, stage, round) {
      await settle(context, changeId, stage, round);
      await refreshCard(context, changeId);
      const record = await context.stores.changes.get(changeId);
      await refreshHomes(context, peopleOf(record));
    },
    refreshCard: (changeId) => refreshCard(context, changeId),
    whisper: (job) => whisper(context, job),
    publishHome: (userId) => publishHome(context, userId),
    notice: (job) => notice(context, job),
    showIncident: (id) => showIncident(context, id),
    expire: (changeId) => expire(context, changeId),
    wake: (changeId) => wake(context, changeId),
    async sweep() {
      await sweep(context);
      await showDueIncidents(context);
      await announceOrphans(context);
    },
  };
}
