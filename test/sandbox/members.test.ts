import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  type MemberRequest,
  type SandboxMember,
  type SandboxMembers,
  startMembers,
} from '../../src/sandbox/members.ts';

let directory: string;
let members: SandboxMembers;
let seen: MemberRequest[];

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'lb-'));
  members = await startMembers({ names: ['web-1', 'web-2'], directory });
  seen = [];
  members.subscribe((request) => seen.push(request));
});

afterEach(async () => {
  await members.close();
  rmSync(directory, { recursive: true, force: true });
});

function first(): SandboxMember {
  const [member] = members.members;
  if (member === undefined) throw new Error('no member');
  return member;
}

function ask(path: string, init?: RequestInit): Promise<Response> {
  return fetch(`http://${first().address}:${first().port}${path}`, init);
}

describe('a sandbox member', () => {
  it('says who it is and writes one line per request to its own log', async () => {
    expect(await (await ask('/page?x=1')).text()).toBe('web-1\n');
    expect(await (await ask('/post', { method: 'POST', body: 'hello' })).text()).toBe('web-1\n');
    await expect.poll(() => seen).toHaveLength(2);
    expect(seen[0]).toMatchObject({
      member: 'web-1',
      method: 'GET',
      path: '/page?x=1',
      status: 200,
    });
    const lines = readFileSync(first().logPath, 'utf8').trim().split('\n');
    expect(lines).toHaveLength(2);
    expect(lines[0]).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z web-1 GET \/page\?x=1 200$/);
    expect(lines[1]).toMatch(/ web-1 POST \/post 200$/);
    expect(readFileSync(join(directory, 'web-2.access.log'), 'utf8')).toBe('');
  });

  it('answers health checks, which are no traffic', async () => {
    expect((await ask('/health')).status).toBe(200);
    members.setHealthy('web-1', false);
    expect((await ask('/health')).status).toBe(503);
    await ask('/');
    await expect.poll(() => seen.map(({ path }) => path)).toEqual(['/']);
    expect(readFileSync(first().logPath, 'utf8')).not.toContain('/health');
  });

  it('sets a session cookie at login, another one each time', async () => {
    const cookies = await Promise.all([ask('/login'), ask('/login')]);
    const [one, two] = cookies.map((answer) => answer.headers.get('set-cookie'));
    expect(one).toMatch(/^JSESSIONID=[0-9a-f]{16}; Path=\/$/);
    expect(two).not.toBe(one);
  });

  it('gives big answers and bounds them', async () => {
    const body = await (await ask('/big?bytes=3000000')).arrayBuffer();
    expect(body.byteLength).toBe(3_000_000);
    expect((await (await ask('/big?bytes=-5')).arrayBuffer()).byteLength).toBe(0);
    expect((await (await ask('/big?bytes=many')).arrayBuffer()).byteLength).toBe(0);
  });

  it('answers slowly when asked, and notes a client that goes away with 499', async () => {
    expect(await (await ask('/slow?ms=20')).text()).toBe('web-1\n');
    const impatient = new AbortController();
    const request = ask('/slow?ms=60000', { signal: impatient.signal });
    setTimeout(() => impatient.abort(), 30);
    await expect(request).rejects.toThrow();
    await expect.poll(() => seen.map(({ status }) => status)).toEqual([200, 499]);
  });

  it('refuses connections while stopped and is back on the same port', async () => {
    const { port } = first();
    await members.stop('web-1');
    await members.stop('web-1');
    await expect(ask('/')).rejects.toThrow();
    await members.start('web-1');
    await members.start('web-1');
    expect(first().port).toBe(port);
    expect(await (await ask('/')).text()).toBe('web-1\n');
  });

  it('tells no more to a listener that left', async () => {
    const heard: MemberRequest[] = [];
    members.subscribe((request) => heard.push(request))();
    await ask('/');
    await expect.poll(() => seen).toHaveLength(1);
    expect(heard).toEqual([]);
  });

  it('answers nonsense with 400 and lives on', async () => {
    expect((await ask('//')).status).toBe(400);
    expect((await ask('/')).status).toBe(200);
  });

  it('nobody knows is NO_SUCH_MEMBER', async () => {
    await expect(members.stop('web-9')).rejects.toMatchObject({ code: 'NO_SUCH_MEMBER' });
  });
});
