import type { ChangeRecord } from './change.ts';

/**
 * How many clients still come to members that a change took out, because they stick: as the balancers counted after the
 * last write. Balancers that stand in for each other may share their clients: the highest count is told.
 */
export function stickyLeft({ plan, outcome, request }: ChangeRecord): number {
  const { verb } = request.command;
  if (plan === undefined || outcome === undefined) return 0;
  if (verb !== 'disable' && verb !== 'drain') return 0;
  const counts = outcome.after.map((state) =>
    state.members
      .filter(({ name, admin }) => admin !== 'enabled' && plan.members.includes(name))
      .reduce((sum, { stickyNow = 0 }) => sum + stickyNow, 0),
  );
  return Math.max(0, ...counts);
}

/** What whoever took the members out types next, when sticky clients still come to them. */
export function nextForSticky({ plan, request }: ChangeRecord): string {
  const members = request.command.members.join(',');
  return `drain ${plan?.service ?? request.command.service} ${members} until idle then remove`;
}
