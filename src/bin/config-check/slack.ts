import type { SlackMode } from '../../config/environment-readers.ts';
import type { Inventory, Principals } from '../../domain/inventory.ts';
import type { Secret } from '../../domain/secret.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Directory } from '../../ports/directory.ts';
import { createDirectory } from '../../slack/directory.ts';
import { identify } from '../../slack/identity.ts';
import { BOT_SCOPES, grantedScopes, probeAppToken, probeChannel } from '../../slack/probe.ts';
import type { WebOptions } from '../../slack/web.ts';
import { type Finding, fail, finding, ok, warn } from './finding.ts';

const WRONG_ID =
  'See that it is an id of this workspace; `lb config check --live --id <name>` prints the id of a name.';

export interface SlackCheck extends WebOptions {
  readonly clock: Clock;
  readonly mode: SlackMode;
  readonly appToken: Secret | undefined;
  readonly inventory: Inventory;
}

/** Both tokens, their scopes, and every person, group and channel of the inventory. Posts nothing. */
export async function* checkSlack(options: SlackCheck): AsyncGenerator<Finding> {
  let teamId = '';
  const known = await finding(async () => {
    const identity = await identify(options);
    ({ teamId } = identity);
    return ok(`Slack knows the bot as ${identity.botUserId} in workspace ${teamId}`);
  });
  yield known;
  if (known.level !== 'FAIL') {
    yield finding(() => checkScopes(options));
  }
  if (options.mode === 'socket') yield finding(() => checkAppToken(options));
  if (known.level === 'FAIL') return;

  const directory = createDirectory({ ...options, identity: async () => ({ teamId }) });
  for (const [id, where] of principalsOf(options.inventory)) {
    yield finding(() => checkPrincipal(directory, id, where), WRONG_ID);
  }
  for (const [id, service] of channelsOf(options.inventory)) {
    yield finding(() => checkChannel(options, id, service), WRONG_ID);
  }
}

async function checkPrincipal(directory: Directory, id: string, where: string): Promise<Finding> {
  if (id.startsWith('S')) {
    const members = await directory.groupMembers(id);
    return members.length > 0
      ? ok(`User group ${id} (${where}) has ${counted(members.length, 'member')}`)
      : fail(`User group ${id} (${where}) is empty or disabled`, 'Put somebody into it.');
  }
  const person = await directory.person(id);
  const reasons = [
    { holds: person.isBot, words: 'a bot' },
    { holds: person.isDeleted, words: 'deactivated' },
    { holds: person.isStranger, words: 'of another workspace' },
    { holds: person.isGuest, words: 'a guest' },
  ];
  const wrong = reasons.find(({ holds }) => holds);
  return wrong === undefined
    ? ok(`User ${id} (${where}) is a member of the workspace`)
    : fail(`User ${id} (${where}) is ${wrong.words} and is refused`, 'Name somebody else.');
}

async function checkScopes(options: SlackCheck): Promise<Finding> {
  const granted = await grantedScopes(options);
  if (granted === undefined) {
    return warn(
      'Slack does not list the scopes of the bot token',
      `Compare them in the settings of the app: ${BOT_SCOPES.join(', ')}.`,
    );
  }
  const missing = BOT_SCOPES.filter((scope) => !granted.includes(scope));
  if (missing.length === 0) return ok(`The bot token has all ${BOT_SCOPES.length} scopes`);
  return fail(
    `The bot token lacks ${missing.join(', ')}`,
    'Add them under OAuth & Permissions in the settings of the app, then install it again.',
  );
}

async function checkAppToken(options: SlackCheck): Promise<Finding> {
  if (options.appToken === undefined) {
    return warn('SLACK_APP_TOKEN is not set', 'The role bot needs it; a worker does not.');
  }
  await probeAppToken(options, options.appToken);
  return ok('The app token opens Socket Mode');
}

async function checkChannel(options: SlackCheck, id: string, service: string): Promise<Finding> {
  const channel = await probeChannel(options, id);
  const name = `Channel ${id} (#${channel.name}, ${service})`;
  if (channel.isArchived) return fail(`${name} is archived`, 'Name another channel.');
  if (channel.isShared) {
    return fail(`${name} is shared with another organisation`, 'Name a channel of your own.');
  }
  if (!channel.botIsMember) {
    return fail(`${name} does not have the bot in it`, 'Type /invite @lb there.');
  }
  return ok(`${name} has the bot in it`);
}

/** Every id that holds a role or a shell, with the first place that names it. */
function principalsOf(inventory: Inventory): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  const note = (ids: Principals, where: string) => {
    for (const id of ids === 'workspace' ? [] : ids) {
      if (!found.has(id)) found.set(id, where);
    }
  };
  for (const { name, roles } of inventory.environments.values()) {
    note(roles.viewers, `viewers of ${name}`);
    note(roles.operators, `operators of ${name}`);
    note(roles.approvers, `approvers of ${name}`);
    note(roles.breakGlass, `break_glass of ${name}`);
  }
  for (const [user, id] of inventory.shell) note([id], `shell user ${user}`);
  return found;
}

function channelsOf(inventory: Inventory): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const { channel, name } of inventory.services.values()) {
    if (channel !== undefined && !found.has(channel)) found.set(channel, name);
  }
  return found;
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}
