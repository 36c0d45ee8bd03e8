import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { Secret } from '../../src/domain/secret.ts';
import { type LocalSlack, startLocalSlack } from '../../src/sandbox/slack/local-slack.ts';
import { named, readNames } from '../../src/slack/lookup.ts';
import { BOT_SCOPES, grantedScopes } from '../../src/slack/probe.ts';

let slack: LocalSlack;
afterEach(() => slack.close());

const waits: number[] = [];

async function open(users: number): Promise<Parameters<typeof readNames>[0]> {
  waits.length = 0;
  slack = await startLocalSlack({
    users: [
      ...Array.from({ length: users }, (_, index) => ({
        id: `U${1000 + index}`,
        name: `p${index}`,
      })),
      { id: 'U2LIN', name: 'lin', real_name: 'Lin Wei' },
      { id: 'U3LIN', name: 'lin2', real_name: 'Lin' },
      { id: 'U4GONE', name: 'gone', deleted: true },
      { id: 'U5BOT', name: 'robot', is_bot: true },
    ],
    channels: [{ id: 'C1OPS', name: 'ops' }],
    userGroups: [{ id: 'S1OPS', handle: 'ops', name: 'On call', users: ['U2LIN'] }],
  });
  return {
    botToken: new Secret(slack.botToken),
    apiUrl: slack.apiUrl,
    log: { debug() {}, info() {}, warn() {}, error() {} },
    clock: {
      sleep: async (ms) => {
        waits.push(ms);
      },
    },
  };
}

const idsOf = (all: Awaited<ReturnType<typeof readNames>>, name: string) =>
  named(all, name).map(({ id }) => id);

describe('names of the workspace', () => {
  it('finds people by handle and full name, groups and channels, whatever the case', async () => {
    const all = await readNames(await open(0));
    expect(idsOf(all, '@lin')).toEqual(['U2LIN', 'U3LIN']);
    expect(idsOf(all, 'lin wei')).toEqual(['U2LIN']);
    expect(idsOf(all, '#OPS')).toEqual(['S1OPS', 'C1OPS']);
    expect(idsOf(all, 'On Call')).toEqual(['S1OPS']);
  });

  it('passes over bots, people who left, and parts of names', async () => {
    const all = await readNames(await open(0));
    for (const name of ['robot', 'gone', 'li', '']) expect(idsOf(all, name)).toEqual([]);
  });

  it('reads every page of a big workspace', async () => {
    const all = await readNames(await open(450));
    expect(idsOf(all, 'p449')).toEqual(['U1449']);
    const calls = slack.state.calls.filter(({ method }) => method === 'users.list');
    expect(calls).toHaveLength(3);
  });

  it('waits as long as Slack asks, and then goes on', async () => {
    const options = await open(0);
    slack.human.fault({ method: 'users.list', status: 429, retryAfter: 7 });
    expect(idsOf(await readNames(options), 'lin wei')).toEqual(['U2LIN']);
    expect(waits).toEqual([7_000]);
  });

  it('gives up when Slack asks to wait again and again', async () => {
    const options = await open(0);
    slack.human.fault({ method: 'users.list', status: 429, retryAfter: 1, times: 100 });
    await expect(readNames(options)).rejects.toMatchObject({ code: 'DIRECTORY_UNAVAILABLE' });
    expect(waits).toHaveLength(4);
  });
});

describe('scopes of the bot token', () => {
  it('are those of the manifest', () => {
    const file = join(import.meta.dirname, '../../manifest.yml');
    const manifest = parse(readFileSync(file, 'utf8'));
    expect([...BOT_SCOPES].sort()).toEqual([...manifest.oauth_config.scopes.bot].sort());
  });

  it('are read from Slack', async () => {
    expect(await grantedScopes(await open(0))).toEqual(expect.arrayContaining([...BOT_SCOPES]));
  });
});
