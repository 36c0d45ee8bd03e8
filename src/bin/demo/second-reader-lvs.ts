import { existsSync, readFileSync } from 'node:fs';
import type { LabDirector, LvsLab } from '../../sandbox/lvs/lab-process.ts';

/*
 * Reads the kernels' tables by an ssh program of its own, as root. It shares no code with the adapter on purpose: the
 * script must not believe what it checks.
 */

export interface RealServerSeen {
  /** `Route`, `Masq` or `Tunnel`. */
  readonly forwarding: string;
  readonly weight: number;
}

export interface TableSeen {
  /** As `ipvsadm -Ln` prints the service of the VIP, its own lines only. */
  readonly text: string;
  /** By address and port. */
  readonly rows: ReadonlyMap<string, RealServerSeen>;
}

/** The table of each director, by its name. */
export async function tablesOf(lab: LvsLab): Promise<ReadonlyMap<string, TableSeen>> {
  const each = lab.directors.map(async (one) => [one.name, await tableOf(lab, one)] as const);
  return new Map(await Promise.all(each));
}

async function tableOf(lab: LvsLab, director: LabDirector): Promise<TableSeen> {
  const text = (await lab.ask(director, `ipvsadm -Ln -t ${lab.vip}`)).trimEnd();
  const lines = text.split('\n').filter((line) => /^(TCP| {2}->) .*\d/.test(line));
  const rows = lines.slice(1).map((line) => {
    const [, server = '', forwarding = '', weight = ''] = line.trim().split(/\s+/);
    return [server, { forwarding, weight: Number(weight) }] as const;
  });
  return { text: lines.join('\n'), rows: new Map(rows) };
}

/** How many requests each real server got, by its access log. */
export function requestsTo({ realServers }: LvsLab): ReadonlyMap<string, number> {
  return new Map(
    realServers.map(({ address, log }) => {
      const lines = existsSync(log) ? readFileSync(log, 'utf8').split('\n') : [];
      return [address, lines.filter((line) => line.split(' ')[1] === 'http').length];
    }),
  );
}
