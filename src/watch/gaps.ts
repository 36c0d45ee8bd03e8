import { faultOf } from '../domain/errors.ts';
import type { MemberState, PoolState } from '../domain/member.ts';
import type { PairGap } from '../domain/pair-gap.ts';
import { idFor } from '../operations/change-id.ts';
import type { WorkerContext } from '../operations/context.ts';
import { readPool } from '../operations/devices.ts';
import { gapLookEveryMs, peerReadMs, watchLeaseMs } from '../operations/limits.ts';
import { isAlike, shownAs } from '../operations/pair-gaps.ts';
import { channelForService } from '../operations/route.ts';

const memberOf = (state: PoolState, { member }: PairGap) =>
  state.members.find(({ name }) => name === member);

async function readNode(
  context: WorkerContext,
  balancer: string,
  { pool }: PairGap,
): Promise<PoolState | undefined> {
  try {
    return await readPool(context, { balancer, pool }, AbortSignal.timeout(peerReadMs));
  } catch (thrown) {
    const fault = faultOf(thrown);
    if (fault.code === 'STORE_UNAVAILABLE') throw thrown;
    return undefined;
  }
}

/** Once per boot of the node that is back. */
async function sayItDiffers(
  context: WorkerContext,
  gap: PairGap,
  back: PoolState,
  shown: { readonly own: MemberState | undefined; readonly other: MemberState | undefined },
): Promise<void> {
  const { pair, service, pool, member, changed, leftOut, changeId, actor } = gap;
  await context.stores.audit.append({
    kind: 'pair-differs',
    changeId,
    actor: 'lb-chatops',
    detail: {
      pair,
      pool,
      member,
      [changed]: shownAs(shown.other),
      [leftOut]: shownAs(shown.own),
    },
  });
  const channel = channelForService(context.inventory, service);
  if (channel === undefined) return;
  await context.queue.notice({
    id: `gap.${idFor([changeId, leftOut, pool, member, back.device.incarnation].join('\n'))}`,
    channel,
    changeId,
    mentions: [actor],
    text: `${leftOut} answers again, and pair ${pair} differs: ${member} in ${pool} is ${shownAs(shown.own)} on ${leftOut}, ${shownAs(shown.other)} on ${changed} since change ${changeId}. Nothing was written to ${leftOut}; to make it alike, give the command again with "on ${leftOut}". "compare ${pair}" shows every difference.`,
  });
}

/** One look at a node that a change left out: away, alike by now, or back and different, which is said once. */
export async function lookAtGap(context: WorkerContext, gap: PairGap): Promise<void> {
  const { gaps, audit } = context.stores;
  const back = await readNode(context, gap.leftOut, gap);
  if (back === undefined) {
    if (!gap.isAway) await gaps.replace(gap, { ...gap, isAway: true });
    return;
  }
  const peer = await readNode(context, gap.changed, gap);
  if (peer === undefined) return;
  const shown = { own: memberOf(back, gap), other: memberOf(peer, gap) };
  if (isAlike(shown.own, shown.other)) {
    const { pair, pool, member, changeId } = gap;
    const detail = { pair, pool, member, setting: shownAs(shown.own) };
    await audit.append({ kind: 'pair-alike', changeId, actor: 'lb-chatops', detail });
    await gaps.replace(gap, undefined);
    return;
  }
  if (!gap.isAway) return;
  await sayItDiffers(context, gap, back, shown);
  await gaps.replace(gap, { ...gap, isAway: false });
}

/** Looks at nodes that a change left out until they show the same. One watcher of the site does so for each. */
export function startGapWatch(
  context: WorkerContext,
  holder: string,
): { readonly stop: () => Promise<void> } {
  const stopping = new AbortController();

  const round = async (): Promise<void> => {
    const gaps = await context.stores.gaps.all();
    const nodes = new Set(gaps.map(({ leftOut }) => leftOut));
    await Promise.all(
      [...nodes].map(async (node) => {
        const isMine = await context.stores.leases.take(`gap.${node}`, holder, watchLeaseMs * 3);
        if (!isMine) return;
        for (const gap of gaps.filter(({ leftOut }) => leftOut === node)) {
          if (stopping.signal.aborted) return;
          await lookAtGap(context, gap);
        }
      }),
    );
  };

  const run = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      await round().catch((error: unknown) => {
        context.log.warn('A look at pairs that differ failed', { error });
      });
      await context.clock.sleep(gapLookEveryMs, stopping.signal);
    }
  };

  const ended = run();
  return {
    async stop() {
      stopping.abort();
      await ended;
    },
  };
}
