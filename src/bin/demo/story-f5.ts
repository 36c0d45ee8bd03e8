import { actors, pause } from './actors.ts';
import type { Check } from './checks.ts';
import { F5_MEMBERS, F5_NOTICE, F5_SERVICE, F5_TARGETS } from './f5-names.ts';
import { sessionsAt, writesTo } from './second-reader-f5.ts';
import { REQUESTER } from './site.ts';
import type { DemoSite } from './start.ts';
import { headlineOf } from './transcript.ts';

type Say = (text: string) => void;
type Judge = (checks: readonly Check[]) => void;

const COPIED_WITHIN_MS = 5_000;
const [, , , FOURTH = ''] = F5_MEMBERS;

/** The article's command for F5, three members in one line, on a simulated pair. */
export async function storyOfF5(site: DemoSite, say: Say, judge: Judge): Promise<void> {
  const people = actors(site, say);
  const already = people.cards().length;
  const targets = F5_TARGETS.join(',');
  say(`== ${F5_SERVICE} ==\n-- ${F5_NOTICE}`);
  await people.command(REQUESTER, `status ${F5_SERVICE}`);
  await people.toldAlone(REQUESTER, (text) => text.includes(FOURTH));

  await people.command(REQUESTER, `disable ${F5_SERVICE} ${targets} because new certificates`);
  await people.approve(already + 1);
  await people.card(already + 1, 'the same card with the outcome', (card) =>
    headlineOf(card).includes('are disabled in'),
  );
  judge([...(await sessionChecks(site, F5_TARGETS)), ...(await writeChecks(site, F5_TARGETS))]);

  say('== one more would be one too many ==');
  await people.command(REQUESTER, `disable ${F5_SERVICE} ${FOURTH}`);
  await people.card(already + 2, 'a card that says no', (card) =>
    headlineOf(card).includes('Refused'),
  );
  judge([...(await sessionChecks(site, F5_TARGETS)), ...(await writeChecks(site, F5_TARGETS))]);

  say('-- nobody is at these addresses: a warning that our own check does not reach them is right');
  await people.command(REQUESTER, `enable ${F5_SERVICE} ${targets}`);
  await people.approve(already + 3);
  await people.card(already + 3, 'they are back', (card) =>
    headlineOf(card).includes('are enabled in'),
  );
  judge([
    ...(await sessionChecks(site, [])),
    ...(await writeChecks(site, [...F5_TARGETS, ...F5_TARGETS])),
  ]);
}

/** Both units, the standby one by the copy of the configuration, have exactly these out, now or in a moment. */
async function sessionChecks(site: DemoSite, out: readonly string[]): Promise<Check[]> {
  const until = performance.now() + COPIED_WITHIN_MS;
  for (;;) {
    const checks = await sessionsNow(site, out);
    if (performance.now() > until || checks.every(({ holds }) => holds)) return checks;
    await pause(100);
  }
}

async function sessionsNow(site: DemoSite, out: readonly string[]): Promise<Check[]> {
  const checks = site.f5.sim.units.map(async ({ name, url, role }) => {
    const sessions = await sessionsAt(site.f5, url);
    const seen = [...sessions].filter(([, session]) => session === 'user-disabled');
    const expected = out.length === 0 ? 'nobody' : out.join(', ');
    const names = seen.map(([member]) => member).sort();
    return {
      expected: `${name} (SIMULATED, ${role}): out of ${F5_SERVICE}: ${expected}`,
      holds: sessions.size === F5_MEMBERS.length && names.join() === [...out].sort().join(),
      seen: [...sessions].map(([member, session]) => `${member} ${session}`).join(', '),
    };
  });
  return Promise.all(checks);
}

/** One PATCH for each, to the active unit alone, and nothing else since the demo began. */
async function writeChecks({ f5 }: DemoSite, members: readonly string[]): Promise<Check[]> {
  const writes = await writesTo(f5);
  const active = f5.sim.units.find(({ role }) => role === 'active')?.name;
  const fits = writes.every(
    ({ method, unit, url }, index) =>
      method === 'PATCH' && unit === active && url.endsWith(members[index] ?? '?'),
  );
  return [
    {
      expected: `requests that write, since the start: ${members.length}, each to ${active}`,
      holds: fits && writes.length === members.length,
      seen: writes.map(({ unit, method, url }) => `${unit} ${method} ${url}`).join(', '),
    },
  ];
}
