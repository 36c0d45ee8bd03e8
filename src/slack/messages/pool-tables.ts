import type { KnownBlock } from '@slack/types';
import type { PoolState } from '../../domain/member.ts';
import type { Plan } from '../../domain/plan.ts';
import { context, section } from '../blocks.ts';
import { tableRows, tablesPerCardMax } from '../limits.ts';
import { charsOf, fitting } from '../message-size.ts';
import { codeSpan, cut, escapedCut } from '../mrkdwn.ts';
import type { LeftOut, Part } from './left-out.ts';
import { type MemberTableOptions, memberTable, restOfTable } from './member-table.ts';
import { counted } from './words.ts';

/** A pool of a plan. `now` is missing where it could not be read; with `before`, differences get an arrow. */
export interface ShownPool {
  readonly now: PoolState;
  readonly before?: PoolState;
  readonly unread?: boolean;
}

/** Device names of the members that a plan changes on one pool. */
export function targetsOf(plan: Plan, pool: PoolState): ReadonlySet<string> {
  const { balancer } = pool.device;
  return new Set(
    plan.steps
      .filter((step) => step.balancer === balancer && step.pool === pool.pool)
      .map((step) => step.member),
  );
}

/** The pools of a plan as tables, with as many rows as have room in `room` characters; what is left out is said. */
export function poolTables(plan: Plan, pools: readonly ShownPool[], room: number): Part {
  const shown = pools.slice(0, tablesPerCardMax);
  let blocks: readonly (readonly KnownBlock[])[] = [];
  let rows = 0;
  for (const rowsMax of tableRows) {
    rows = rowsMax;
    blocks = shown.map((pool) => tableOf(plan, pool, rowsMax));
    if (charsOf(blocks.flat()) + noteChars <= room) break;
  }
  const flat = blocks.flat();
  const { kept, left } = fitting(flat, room - noteChars);
  const whole = left === 0 ? blocks.length : wholeTables(blocks, kept.length);
  const missing = pools.length - whole;
  const tables = blocks.slice(0, whole).flat();
  const rest = pools.flatMap((pool, at) => restOf(plan, pool, at < whole ? rows : 0) ?? []);
  const note = context(`… and ${counted(missing, 'more pool')} not shown here.`);
  return { blocks: missing === 0 ? tables : [...tables, note], left: rest };
}

/** Room for the note that something is missing. */
const noteChars = 100;

/** How many tables are complete, with their notes, within the first `count` blocks. */
function wholeTables(tables: readonly (readonly KnownBlock[])[], count: number): number {
  let room = count;
  let whole = 0;
  for (const table of tables) {
    room -= table.length;
    if (room < 0) break;
    whole += 1;
  }
  return whole;
}

function tableOf(plan: Plan, pool: ShownPool, rowsMax: number): readonly KnownBlock[] {
  if (pool.unread === true) {
    const name = escapedCut(pool.now.device.balancer, 100);
    return [
      section(
        `*${name}* · pool ${codeSpan(cut(pool.now.pool, 200))}\nCould not be read afterwards.`,
      ),
    ];
  }
  return memberTable(pool.now, optionsOf(plan, pool, rowsMax));
}

function restOf(plan: Plan, pool: ShownPool, rowsMax: number): LeftOut | undefined {
  return pool.unread === true ? undefined : restOfTable(pool.now, optionsOf(plan, pool, rowsMax));
}

function optionsOf(plan: Plan, { now, before }: ShownPool, rowsMax: number): MemberTableOptions {
  const named = targetsOf(plan, now);
  const targets = named.size > 0 ? named : new Set(plan.members);
  return { before, targets, rowsMax };
}
