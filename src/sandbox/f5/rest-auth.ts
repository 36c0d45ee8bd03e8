import { type Account, accountOf, basicCredentials } from './accounts.ts';
import { nothing, ORIGIN, objectOf, ok, type RestCall, type RestReply } from './rest-call.ts';
import { RestError } from './rest-errors.ts';
import { anyNumber, expiryMs, TOKEN_LIFE_S_MAX, type Token, type Tokens } from './tokens.ts';
import type { Unit } from './unit.ts';

/** Faults that concern who may log in; set by the presets of the same names. */
export interface LoginFaults {
  refusesPasswords: boolean;
  tokenLimitReached: boolean;
}

/** What the two layers in front of the configuration say about a request. */
export type Admission =
  | { readonly account: Account; readonly token?: string }
  | { readonly reply: RestReply };

/** Asks for Basic credentials in HTML, as the web server in front does. */
export const challenge = (realm = 'Enterprise Manager'): RestReply => ({
  status: 401,
  statusText: 'F5 Authorization Required',
  body: undefined,
  html: `<!DOCTYPE HTML PUBLIC "-//IETF//DTD HTML 2.0//EN">
<html><head>
<title>401 Unauthorized</title>
</head><body>
<h1>Unauthorized</h1>
<p>This server could not verify that you are authorized to access the document requested.</p>
</body></html>
`,
  headers: { 'WWW-Authenticate': `Basic realm="${realm}"` },
});

/** Errors of the services under /mgmt/shared have another form than those of the configuration. */
export const sharedError = (
  status: number,
  message: string,
  more: Readonly<Record<string, unknown>> = {},
): RestReply => ({
  status,
  body: {
    code: status,
    message,
    ...more,
    restOperationId: anyNumber(),
    kind: ':resterrorresponse',
  },
});

/** A token goes before Basic; Basic is for administrators only. */
export function admit(
  unit: Unit,
  headers: { token: string | undefined; authorization: string | undefined },
  faults: LoginFaults,
  referer: string,
): Admission {
  if (headers.token !== undefined) {
    const token = unit.tokens.find(headers.token);
    if (token !== undefined && unit.tokens.isLive(token)) {
      return { account: token.account, token: token.value };
    }
    const why = token === undefined ? 'does not exist.' : 'has expired.';
    return { reply: sharedError(401, `X-F5-Auth-Token ${why}`, { referer }) };
  }
  const given = basicCredentials(headers.authorization);
  if (given === undefined || faults.refusesPasswords) return { reply: challenge() };
  const account = accountOf(unit.world.accounts, given.username, given.password);
  return account?.role === 'admin' ? { account } : { reply: challenge() };
}

/** `POST /mgmt/shared/authn/login`, the one request that needs no credentials. */
export function login(
  unit: Unit,
  body: Readonly<Record<string, unknown>>,
  faults: LoginFaults,
  referer: string,
): RestReply {
  const { username, password, loginProviderName = 'tmos' } = body;
  const asked = JSON.stringify({ username, loginProviderName, generation: 0, lastUpdateMicros: 0 });
  const refused = (status: number, message: string) =>
    sharedError(status, message, { originalRequestBody: asked, referer });
  if (typeof username !== 'string' || typeof password !== 'string') {
    return refused(400, 'username must not be null in POST');
  }
  if (loginProviderName !== 'tmos' && loginProviderName !== 'local') {
    return refused(401, 'loginProviderName is invalid.');
  }
  const account = accountOf(unit.world.accounts, username, password);
  if (account === undefined || faults.refusesPasswords) {
    return refused(401, 'Authentication failed.');
  }
  const token = faults.tokenLimitReached ? undefined : unit.tokens.issue(account, referer);
  if (token === undefined) {
    const message = `Bad Request: user ${username} has reached maximum active login tokens`;
    return refused(400, message);
  }
  return ok({
    username,
    loginReference: {
      link: `${ORIGIN}/mgmt/cm/system/authn/providers/tmos/1f44a60e-11a7-3c51-a49f-82983026b41b/login`,
    },
    loginProviderName,
    token: tokenObject(token),
    generation: 0,
    lastUpdateMicros: 0,
  });
}

function tokenObject(token: Token) {
  const { value, account, lifeS, startMs, updatedMs } = token;
  return {
    token: value,
    name: value,
    userName: account.username,
    authProviderName: 'tmos',
    user: { link: `${ORIGIN}/mgmt/shared/authz/users/${encodeURIComponent(account.username)}` },
    timeout: lifeS,
    startTime: new Date(startMs).toISOString(),
    address: token.address,
    partition: '[All]',
    generation: 1,
    lastUpdateMicros: updatedMs * 1000,
    expirationMicros: expiryMs(token) * 1000,
    kind: 'shared:authz:tokens:authtokenitemstate',
    selfLink: `${ORIGIN}/mgmt/shared/authz/tokens/${value}`,
  };
}

/** Tokens are their user's own business, but administrators see all. */
function visible(call: RestCall, tokens: Tokens): Token[] {
  const { role, username } = call.account;
  return tokens.list().filter((token) => role === 'admin' || token.account.username === username);
}

function wanted(call: RestCall): Token {
  const { token: value = '' } = call.names;
  const found = visible(call, call.unit.tokens).find((token) => token.value === value);
  if (found === undefined) throw new RestError(404, `Object not found - ${value}`);
  return found;
}

export const authRoutes = {
  'GET /mgmt/shared/authz/tokens': (call: RestCall) =>
    ok({
      items: visible(call, call.unit.tokens).map(tokenObject),
      generation: 1,
      kind: 'shared:authz:tokens:authtokencollectionstate',
      lastUpdateMicros: call.unit.world.clock.now() * 1000,
      selfLink: `${ORIGIN}/mgmt/shared/authz/tokens`,
    }),
  'GET /mgmt/shared/authz/tokens/:token': (call: RestCall) => ok(tokenObject(wanted(call))),
  'PATCH /mgmt/shared/authz/tokens/:token': (call: RestCall) => {
    const token = wanted(call);
    const seconds = Number(objectOf(call).timeout);
    if (!Number.isInteger(seconds) || seconds < 1) {
      throw new RestError(400, 'timeout must be a number of seconds');
    }
    if (seconds > TOKEN_LIFE_S_MAX) {
      return sharedError(406, `Auth-token absolute timeout (${TOKEN_LIFE_S_MAX} seconds) exceeded`);
    }
    token.lifeS = seconds;
    token.updatedMs = call.unit.world.clock.now();
    return ok(tokenObject(token));
  },
  'DELETE /mgmt/shared/authz/tokens/:token': (call: RestCall) => {
    const token = wanted(call);
    call.unit.tokens.remove(token.value);
    return ok(tokenObject(token));
  },
  'DELETE /mgmt/shared/authz/tokens': (call: RestCall) => {
    for (const token of visible(call, call.unit.tokens)) call.unit.tokens.remove(token.value);
    return nothing;
  },
};
