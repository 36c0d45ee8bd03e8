import type { SandboxHaproxy } from '../../sandbox/haproxy.ts';
import { holdersOf, startKeepalived, stopKeepalived } from '../../sandbox/lvs/keepalived.ts';
import type { LabDirector, LvsLab } from '../../sandbox/lvs/lab-process.ts';
import type { SandboxMembers } from '../../sandbox/members.ts';
import type { Breakable } from '../../sandbox/slack/breakages.ts';

const KILL_MS_MAX = 5_000;
const POLL_MS = 10;

/** Names by which drivers break and mend. */
export const MEMBER = 'member';
export const MEMBERS_ALL = 'members';
export const HAPROXY = 'haproxy';
export const KEEPALIVED = 'keepalived';

/** One member, and all of them. */
export function breakableMembers(members: SandboxMembers): readonly Breakable[] {
  const names = members.members.map(({ name }) => name);
  const [first = ''] = names;
  const up = () => names.filter((name) => members.isUp(name)).length;
  return [
    {
      thing: MEMBER,
      name: `Member ${first}`,
      effect: 'Its web server stops; the others go on.',
      breakWords: 'Stop it',
      mendWords: 'Start it again',
      condition: () => (members.isUp(first) ? 'whole' : 'broken'),
      damage: () => (members.isUp(first) ? '' : 'stopped'),
      break: () => members.stop(first),
      mend: () => members.start(first),
    },
    {
      thing: MEMBERS_ALL,
      name: `All ${names.length} members`,
      effect: 'Nobody is left: clients are turned away.',
      breakWords: 'Stop them all',
      mendWords: 'Start them again',
      condition: () => (up() === names.length ? 'whole' : up() === 0 ? 'broken' : 'partly'),
      damage: () => (up() === names.length ? '' : `${names.length - up()} stopped`),
      break: async () => void (await Promise.all(names.map((name) => members.stop(name)))),
      mend: async () => void (await Promise.all(names.map((name) => members.start(name)))),
    },
  ];
}

export function breakableHaproxy(node: SandboxHaproxy): Breakable {
  return {
    thing: HAPROXY,
    name: `HAProxy ${node.name}`,
    effect: 'Its clients fail. When it is back, what was disabled is disabled again.',
    breakWords: 'Kill it',
    mendWords: 'Start it again',
    condition: () => (node.isUp() ? 'whole' : 'broken'),
    damage: () => (node.isUp() ? '' : 'killed'),
    async break() {
      process.kill(node.pid(), 'SIGKILL');
      const giveUpMs = performance.now() + KILL_MS_MAX;
      while (node.isUp()) {
        if (performance.now() > giveUpMs) throw new Error(`HAProxy ${node.name} did not end.`);
        await new Promise((resolve) => setTimeout(resolve, POLL_MS));
      }
    },
    mend: () => node.reload(),
  };
}

/** keepalived on whichever director is MASTER when it is stopped. */
export function breakableMaster(lab: LvsLab): Breakable {
  let stopped: LabDirector | undefined;
  return {
    thing: KEEPALIVED,
    get name() {
      return `keepalived on ${stopped?.name ?? 'the MASTER'}`;
    },
    effect: 'The other director takes over, until it is back.',
    breakWords: 'Stop it',
    mendWords: 'Start it again',
    condition: () => (stopped === undefined ? 'whole' : 'broken'),
    damage: () => (stopped === undefined ? '' : 'stopped'),
    async break() {
      const holders = await holdersOf(lab);
      const master = lab.directors.find(({ name }) => name === holders[0]);
      if (master === undefined || holders.length > 1) {
        throw new Error(`Not one director has the VIP, but ${holders.join(' and ') || 'none'}.`);
      }
      await stopKeepalived(lab, master);
      stopped = master;
    },
    async mend() {
      if (stopped !== undefined) await startKeepalived(lab, stopped);
      stopped = undefined;
    },
  };
}
