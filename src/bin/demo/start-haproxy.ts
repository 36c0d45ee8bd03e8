import { join } from 'node:path';
import { type SandboxHaproxy, startHaproxy } from '../../sandbox/haproxy.ts';
import { type SandboxMembers, startMembers } from '../../sandbox/members.ts';
import { COOKIE, type DemoService, WEIGHT } from './site.ts';

/** Two nodes, as in the article's pair. */
const NODES = ['ha-1', 'ha-2'] as const;
const CHECK_EVERY_MS = 500;

export type Ends = (() => Promise<unknown> | unknown)[];

/** Small web servers for the members of a service; how to end them goes to `ends`. */
export async function startDemoMembers(
  { members: names }: DemoService,
  directory: string,
  ends: Ends,
): Promise<SandboxMembers> {
  const members = await startMembers({ names, directory: join(directory, 'members') });
  ends.push(() => members.close());
  return members;
}

/** Two HAProxy nodes in front of them. */
export async function startDemoNodes(
  { name: backend }: DemoService,
  { members }: SandboxMembers,
  {
    directory,
    searchPath,
  }: { readonly directory: string; readonly searchPath: string | undefined },
  ends: Ends,
): Promise<readonly SandboxHaproxy[]> {
  const nodes: SandboxHaproxy[] = [];
  for (const name of NODES) {
    const node = await startHaproxy({
      ...(searchPath === undefined ? {} : { searchPath }),
      directory,
      name,
      backend,
      cookie: COOKIE,
      servers: members.map(({ name: member, address, port }) => ({
        name: member,
        address,
        port,
        weight: WEIGHT,
        cookie: `s${member.split(/[.-]/).at(-1)}`,
      })),
      checkEveryMs: CHECK_EVERY_MS,
    });
    nodes.push(node);
    ends.push(() => node.stop());
  }
  return nodes;
}
