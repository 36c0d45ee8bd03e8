import { readDriftClick } from '../drift-id.ts';
import { driftReplyWords } from '../messages/drift-part.ts';
import { type ClickListener, clickListener, textOf } from './click.ts';
import type { ListenerOptions } from './command.ts';

/** A click on the message of a member that was changed by hand. */
export const driftListener = ({
  operations,
  tell,
}: Pick<ListenerOptions, 'operations' | 'tell'>): ClickListener =>
  clickListener(
    tell,
    (action) =>
      textOf(action, 'type') === 'button'
        ? readDriftClick(textOf(action, 'action_id'), textOf(action, 'value'))
        : undefined,
    async (clicked, asker) => driftReplyWords(await operations.chooseDrift(clicked, asker)),
  );
