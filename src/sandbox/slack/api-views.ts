import { randomBytes } from 'node:crypto';
import type { ApiContext, ApiMethods } from './api-method.ts';
import { blockProblems } from './block-limits.ts';
import { homeViewId } from './human-home.ts';
import type { Triggers } from './triggers.ts';
import {
  isObject,
  type JsonObject,
  type SlackBlock,
  SlackRefusal,
  type SlackView,
} from './wire.ts';

const TITLE_MAX = 24;
const PRIVATE_METADATA_MAX = 3_000;

/** Modals and the Home tab. */
export function viewMethods(context: ApiContext, triggers: Triggers): ApiMethods {
  const { workspace, settings } = context;

  const store = (view: unknown, identity: { id: string; type: string; user: string }): object => {
    const read = readView(view);
    const stored: SlackView = {
      ...read,
      ...identity,
      team_id: settings.team.id,
      app_id: settings.app.id,
      bot_id: settings.app.botId,
      hash: workspace.nextTs(),
      state: { values: {} },
    };
    workspace.views.set(stored.id, stored);
    workspace.changed();
    return { view: stored };
  };

  return {
    'views.open': {
      run: (args) => {
        const user = triggers.exchange(args.text('trigger_id'));
        const id = `V${randomBytes(5).toString('hex').toUpperCase()}`;
        return store(args.all.view, { id, type: 'modal', user });
      },
    },
    'views.update': {
      run: (args) => {
        const old = workspace.views.get(args.text('view_id'));
        if (old === undefined) throw new SlackRefusal('not_found');
        const hash = args.optional('hash');
        if (hash !== undefined && hash !== old.hash) throw new SlackRefusal('hash_conflict');
        return store(args.all.view, { id: old.id, type: old.type, user: old.user });
      },
    },
    'views.publish': {
      run: (args) => {
        const user = workspace.user(args.text('user_id')).id;
        return store(args.all.view, { id: homeViewId(user), type: 'home', user });
      },
    },
  };
}

/** Throws SlackRefusal `invalid_arguments` with Slack's list of problems. */
export function readView(view: unknown): JsonObject & { readonly blocks: readonly SlackBlock[] } {
  if (!isObject(view)) throw refused(['must provide an object [json-pointer:/view]']);
  const problems = blockProblems(view.blocks, 'view');
  for (const field of ['title', 'submit', 'close']) {
    const text = view[field];
    if (isObject(text) && String(text.text).length > TITLE_MAX) {
      problems.push(`must be less than ${TITLE_MAX + 1} characters [json-pointer:/view/${field}]`);
    }
  }
  if (String(view.private_metadata ?? '').length > PRIVATE_METADATA_MAX) {
    problems.push(
      `must be less than ${PRIVATE_METADATA_MAX + 1} characters [json-pointer:/view/private_metadata]`,
    );
  }
  if (problems.length > 0) throw refused(problems);
  const blocks = view.blocks as readonly SlackBlock[];
  return { ...view, blocks: blocks.map((block, index) => ({ block_id: `b${index}`, ...block })) };
}

function refused(problems: readonly string[]): SlackRefusal {
  return new SlackRefusal('invalid_arguments', {
    response_metadata: { messages: problems.map((problem) => `[ERROR] ${problem}`) },
  });
}
