import { objectOf, ok, type RestCall, type RestHandler, selfLink } from './rest-call.ts';
import { badRequest, notAllowed } from './rest-errors.ts';

/** As `tmsh show sys failover` words it. */
const look: RestHandler = ({ group, unit }) => {
  const seconds = Math.floor((unit.world.clock.now() - unit.startedMs) / 1000);
  const [days, rest] = [Math.floor(seconds / 86_400), seconds % 86_400];
  const clock = [Math.floor(rest / 3_600), Math.floor((rest % 3_600) / 60), rest % 60]
    .map((part) => String(part).padStart(2, '0'))
    .join(':');
  const words = `Failover ${group.roleOf(unit).replace('-', ' ')} for ${days}d ${clock}\n`;
  return ok({
    kind: 'tm:sys:failover:failoverstats',
    selfLink: selfLink(unit, '/mgmt/tm/sys/failover'),
    apiRawValues: { apiAnonymous: words },
  });
};

/** A key of the body or a word of `utilCmdArgs`: clients send either. */
function asked(body: Readonly<Record<string, unknown>>): (word: string) => boolean {
  const words = String(body.utilCmdArgs ?? '').split(/\s+/);
  return (word) => words.includes(word) || (word in body && String(body[word]) !== 'false');
}

/** `run`: stand by, go offline, come back. */
const run: RestHandler = (call) => {
  if (call.account.role !== 'admin') throw notAllowed('sys failover');
  const body = objectOf(call);
  const is = asked(body);
  if (body.command !== 'run') throw badRequest(`invalid command "${String(body.command)}"`);
  if (is('standby')) standBy(call);
  else if (is('offline')) goOffline(call);
  else if (is('online')) call.group.setOffline(call.unit, false);
  else throw badRequest('one or more properties must be specified');
  return ok({ kind: 'tm:sys:failover:runstate', ...body });
};

function standBy({ group, unit }: RestCall): void {
  if (group.isPair && group.roleOf(unit) === 'active') group.failOver();
}

function goOffline(call: RestCall): void {
  standBy(call);
  call.group.setOffline(call.unit, true);
}

export const failoverRoutes: Readonly<Record<string, RestHandler>> = {
  'GET /mgmt/tm/sys/failover': look,
  'POST /mgmt/tm/sys/failover': run,
};
