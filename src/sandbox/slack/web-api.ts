import { chatMethods } from './api-chat.ts';
import { conversationMethods } from './api-conversations.ts';
import type { ApiMethod, ApiMethods } from './api-method.ts';
import { peopleMethods } from './api-people.ts';
import { viewMethods } from './api-views.ts';
import { Arguments, readArguments } from './arguments.ts';
import { type Faults, type Reply, runWithFault } from './faults.ts';
import type { Settings } from './options.ts';
import { RateLimit } from './rate-limit.ts';
import type { Triggers } from './triggers.ts';
import { type ApiCall, type JsonObject, SlackRefusal } from './wire.ts';
import type { Workspace } from './workspace.ts';

/** A call as it arrived. */
export interface ApiRequest {
  readonly method: string;
  readonly authorization: string;
  readonly contentType: string;
  readonly body: string;
  readonly query: URLSearchParams;
}

const POSTS = new Set(['chat.postMessage', 'chat.postEphemeral']);

/** The Web API: token, scope, rate limit and faults around a table of methods. */
export class WebApi {
  readonly #settings: Settings;
  readonly #workspace: Workspace;
  readonly #faults: Faults;
  readonly #methods: ApiMethods;
  readonly #limit: RateLimit;

  constructor(parts: {
    settings: Settings;
    workspace: Workspace;
    faults: Faults;
    triggers: Triggers;
    /** Makes the address for the next Socket Mode connection. */
    openSocket: () => string;
  }) {
    const { settings, workspace } = parts;
    this.#settings = settings;
    this.#workspace = workspace;
    this.#faults = parts.faults;
    this.#limit = new RateLimit({
      perSecond: settings.postPerSecond,
      burst: settings.postBurst,
      now: settings.now,
    });
    const context = {
      settings,
      workspace,
      needScope: (scope: string) => this.#needScope(scope),
    };
    this.#methods = {
      ...peopleMethods(context),
      ...conversationMethods(context),
      ...chatMethods(context),
      ...viewMethods(context, parts.triggers),
      'apps.connections.open': { token: 'app', run: () => ({ url: parts.openSocket() }) },
    };
  }

  /** Answers one call. Never throws for what the caller did wrong. */
  async handle(request: ApiRequest): Promise<Reply> {
    let parsed: JsonObject;
    try {
      parsed = readArguments(request.contentType, request.body, request.query);
    } catch (thrown) {
      return refusal(thrown);
    }
    const { token: given, ...args } = parsed;
    const token = request.authorization.replace(/^Bearer /i, '') || String(given ?? '');
    const call: ApiCall = { method: request.method, args, at: this.#settings.now() };
    this.#workspace.record(call);
    const run = () => this.#run(call, token);
    const channel = typeof args.channel === 'string' ? args.channel : undefined;
    const fault = this.#faults.take(request.method, channel);
    if (fault === undefined) return run();
    const reply = await runWithFault(fault, run);
    if (call.result === undefined || fault.after) call.result = `fault: ${describe(reply)}`;
    return reply;
  }

  #run(call: ApiCall, token: string): Reply {
    try {
      const method = this.#authorised(call.method, token);
      const wait = POSTS.has(call.method) ? this.#limit.take(String(call.args.channel ?? '')) : 0;
      if (wait > 0) {
        call.result = 'ratelimited';
        return {
          kind: 'json',
          status: 429,
          body: { ok: false, error: 'ratelimited' },
          headers: { 'retry-after': String(wait) },
        };
      }
      const result = method.run(new Arguments(call.args));
      call.result = 'ok';
      return {
        kind: 'json',
        status: 200,
        body: { ok: true, ...result },
        headers: { 'x-oauth-scopes': this.#settings.scopes.join(',') },
      };
    } catch (thrown) {
      const reply = refusal(thrown);
      call.result = describe(reply);
      return reply;
    }
  }

  /** The method, once the token and its scope allow it. */
  #authorised(name: string, token: string): ApiMethod {
    const method = Object.hasOwn(this.#methods, name) ? this.#methods[name] : undefined;
    if (method === undefined) throw new SlackRefusal('unknown_method', { req_method: name });
    if (token === '') throw new SlackRefusal('not_authed');
    const { botToken, appToken } = this.#settings;
    if (token !== botToken && token !== appToken) throw new SlackRefusal('invalid_auth');
    const wanted = method.token === 'app' ? appToken : botToken;
    if (token !== wanted) throw new SlackRefusal('not_allowed_token_type');
    if (method.scope !== undefined) this.#needScope(method.scope);
    return method;
  }

  #needScope(scope: string): void {
    const { scopes } = this.#settings;
    if (scopes.includes(scope)) return;
    throw new SlackRefusal('missing_scope', { needed: scope, provided: scopes.join(',') });
  }
}

function refusal(thrown: unknown): Reply {
  if (!(thrown instanceof SlackRefusal)) throw thrown;
  return { kind: 'json', status: 200, body: thrown.reply };
}

function describe(reply: Reply): string {
  if (reply.kind === 'drop') return 'dropped';
  if (reply.status !== 200) return `HTTP ${reply.status}`;
  return 'error' in reply.body ? String(reply.body.error) : 'ok';
}
