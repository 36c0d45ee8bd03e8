import type {
  ActionsBlock,
  Button,
  ContextBlock,
  HeaderBlock,
  PlainTextElement,
  SectionBlock,
} from '@slack/types';
import {
  buttonCharsMax,
  confirmButtonCharsMax,
  confirmTextCharsMax,
  confirmTitleCharsMax,
  contextCharsMax,
  headerCharsMax,
  sectionCharsMax,
} from './limits.ts';
import { codeLineCut, cut, inert } from './mrkdwn.ts';

/** `emoji: false`: a member called `:ok:` must not become a picture. */
function plain(text: string, max: number): PlainTextElement {
  const safe = inert(text).trim();
  return { type: 'plain_text', text: cut(safe === '' ? '(empty)' : safe, max), emoji: false };
}

/** A paragraph of mrkdwn that was escaped where it was built. `verbatim` keeps Slack from finding links and names in it. */
export function section(mrkdwn: string): SectionBlock {
  return {
    type: 'section',
    text: { type: 'mrkdwn', text: cut(mrkdwn, sectionCharsMax), verbatim: true },
  };
}

/** A paragraph that is shown letter by letter, whatever is in it. */
export function plainSection(text: string): SectionBlock {
  return { type: 'section', text: plain(text, sectionCharsMax) };
}

export function context(...mrkdwn: string[]): ContextBlock {
  return {
    type: 'context',
    elements: mrkdwn.map((text) => ({
      type: 'mrkdwn',
      text: cut(text, contextCharsMax),
      verbatim: true,
    })),
  };
}

export function header(text: string): HeaderBlock {
  return { type: 'header', text: plain(text, headerCharsMax) };
}

export function actions(blockId: string, buttons: readonly Button[]): ActionsBlock {
  return { type: 'actions', block_id: blockId, elements: [...buttons] };
}

/** The question Slack asks before it sends the click. */
export interface Confirm {
  readonly title: string;
  readonly text: string;
  readonly yes: string;
  readonly no: string;
}

export function button(
  label: string,
  click: { readonly actionId: string; readonly value: string },
  more: { readonly primary?: boolean; readonly confirm?: Confirm } = {},
): Button {
  const { confirm } = more;
  return {
    type: 'button',
    text: plain(label, buttonCharsMax),
    action_id: click.actionId,
    value: click.value,
    ...(more.primary === true ? { style: 'primary' } : {}),
    ...(confirm === undefined
      ? {}
      : {
          confirm: {
            title: plain(confirm.title, confirmTitleCharsMax),
            text: plain(confirm.text, confirmTextCharsMax),
            confirm: plain(confirm.yes, confirmButtonCharsMax),
            deny: plain(confirm.no, confirmButtonCharsMax),
          },
        }),
  };
}

const FENCES_CHARS = '```\n\n```'.length;

/** Lines that fit, and how many did not. */
export interface Packed {
  readonly texts: readonly string[];
  readonly left: number;
}

/** Escaped lines packed into at most `parts` texts below a section's limit; a line is never broken. */
export function pack(lines: readonly string[], parts: number, max = sectionCharsMax): Packed {
  const texts: string[] = [];
  let current = '';
  let shown = 0;
  for (const whole of lines) {
    const line = cut(whole, max);
    const longer = current === '' ? line : `${current}\n${line}`;
    if (longer.length <= max) {
      current = longer;
    } else {
      texts.push(current);
      current = line;
      if (texts.length === parts) return { texts, left: lines.length - shown };
    }
    shown += 1;
  }
  if (current !== '') texts.push(current);
  return { texts, left: 0 };
}

/** Lines as they are, in code, in at most `parts` blocks of `charsMax` characters each. */
export function packCode(
  lines: readonly string[],
  parts: number,
  charsMax = sectionCharsMax,
): Packed {
  const max = charsMax - FENCES_CHARS;
  const packed = pack(
    lines.map((line) => codeLineCut(line, max)),
    parts,
    max,
  );
  return { ...packed, texts: packed.texts.map((text) => `\`\`\`\n${text}\n\`\`\``) };
}
