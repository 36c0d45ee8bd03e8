import type { Fault } from './faults.ts';
import { pathOfSegment } from './object-names.ts';
import { admit, login } from './rest-auth.ts';
import type { RestReply } from './rest-call.ts';
import { dispatch } from './rest-routes.ts';
import type { Site } from './site.ts';
import { answerSoap } from './soap.ts';
import type { Unit } from './unit.ts';
import type { UnitRequest } from './unit-request.ts';

const page = (title: string, text: string) =>
  `<html><head><title>${title}</title></head><body><h1>${title}</h1><p>${text}</p></body></html>\n`;

/** What the unit would answer if nothing went wrong. */
export function answerOf(site: Site, unit: Unit, request: UnitRequest): RestReply {
  const { path, method, remoteAddress } = request;
  if (path.startsWith('/iControl')) return answerSoap(site, unit, request);
  if (path === '/mgmt/shared/authn/login' && method === 'POST') {
    return login(unit, jsonObject(request.body), site.loginFaults, remoteAddress);
  }
  if (path === '/mgmt' || path.startsWith('/mgmt/')) {
    const headers = {
      token: request.header('x-f5-auth-token'),
      authorization: request.header('authorization'),
    };
    const admission = admit(unit, headers, site.loginFaults, remoteAddress);
    if ('reply' in admission) return admission.reply;
    const call = {
      unit,
      group: site.group,
      transactions: site.transactionsOf(unit),
      account: admission.account,
      // Answered as what it asks about; the server leaves the body out.
      method: method === 'HEAD' ? 'GET' : method,
      path,
      query: new URLSearchParams(request.query),
      body: request.body,
      remoteAddress,
      token: admission.token,
    };
    return dispatch(call, request.header('x-f5-rest-coordination-id'));
  }
  const html =
    path === ''
      ? page(
          'BIG-IP (SIMULATED)',
          'A simulator for tests; not F5 software, and no device behind it.',
        )
      : page('404 Not Found', 'The requested URL was not found on this server.');
  return { status: path === '' ? 200 : 404, body: undefined, html };
}

/** Effects of faults around an answer. */
export function answerWithEffects(
  site: Site,
  unit: Unit,
  request: UnitRequest,
  faults: readonly Fault[],
): RestReply {
  const has = (effect: Fault['effect']) => faults.some((fault) => fault.effect === effect);
  if (has('remove-member')) removeMember(unit, request);
  const before = has('undo') ? structuredClone(unit.running) : undefined;
  const reply = answerOf(site, unit, request);
  if (before !== undefined) unit.running = before;
  if (has('fail-over')) site.group.failOver();
  return reply;
}

/** Deletes what the request is about to write: a member of REST, or all of a SOAP call's addresses. */
function removeMember(unit: Unit, request: UnitRequest): void {
  const segment = /\/members\/([^/?]+)$/.exec(request.path)?.[1];
  const wanted = segment === undefined ? undefined : pathOfSegment(decodeURIComponent(segment));
  for (const pool of unit.running.pools) {
    pool.members = pool.members.filter((member) =>
      wanted === undefined
        ? !request.body.includes(`>${member.address}<`)
        : `/${member.partition}/${member.name}` !== wanted,
    );
  }
}

function jsonObject(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}
