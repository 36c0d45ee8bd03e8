import { blockProblems } from './block-limits.ts';
import {
  isObject,
  type JsonObject,
  type MessageContent,
  type SlackAttachment,
  type SlackBlock,
  type SlackMetadata,
  SlackRefusal,
} from './wire.ts';

/** Slack cuts a posted text here. */
const TEXT_CHARS_MAX = 40_000;
/** `chat.update` refuses longer text with `msg_too_long`, though `chat.postMessage` takes it. */
const UPDATED_TEXT_CHARS_MAX = 4_000;
const ATTACHMENTS_MAX = 100;

/**
 * Text, blocks, attachments and metadata of a post, an edit or a response_url, as Slack would store
 * them. Throws SlackRefusal for what Slack refuses.
 */
export function readContent(args: JsonObject, purpose: 'post' | 'update' = 'post'): MessageContent {
  const text = readText(args, purpose);
  const blocks = readBlocks(args.blocks);
  const attachments = readAttachments(args.attachments);
  const metadata = readMetadata(args.metadata);
  if (text === '' && blocks === undefined && attachments === undefined) {
    throw new SlackRefusal('no_text');
  }
  return {
    text,
    ...(blocks && { blocks }),
    ...(attachments && { attachments }),
    ...(metadata && { metadata }),
  };
}

function readText(args: JsonObject, purpose: 'post' | 'update'): string {
  const text = args.text ?? args.markdown_text;
  if (text === undefined || text === null) return '';
  if (typeof text !== 'string') throw new SlackRefusal('invalid_arguments');
  if (purpose === 'update' && text.length > UPDATED_TEXT_CHARS_MAX) {
    throw new SlackRefusal('msg_too_long');
  }
  return text.slice(0, TEXT_CHARS_MAX);
}

function readBlocks(value: unknown): readonly SlackBlock[] | undefined {
  if (value === undefined || value === null) return undefined;
  if (!Array.isArray(value)) throw new SlackRefusal('invalid_blocks_format');
  if (value.length === 0) return undefined;
  const problems = blockProblems(value);
  if (problems.length > 0) {
    throw new SlackRefusal('invalid_blocks', {
      errors: problems,
      response_metadata: { messages: problems.map((problem) => `[ERROR] ${problem}`) },
    });
  }
  return value.map(withIds);
}

/** Slack gives an id to each block and element that came without. */
function withIds(block: JsonObject, index: number): SlackBlock {
  const { elements, type } = block;
  const named = { block_id: `b${index}`, ...block, type: String(type) };
  if (type !== 'actions' || !Array.isArray(elements)) return named;
  return {
    ...named,
    elements: elements.map((element: JsonObject, position) => ({
      action_id: `a${index}.${position}`,
      ...element,
    })),
  };
}

function readAttachments(value: unknown): readonly SlackAttachment[] | undefined {
  if (value === undefined || value === null) return undefined;
  if (!Array.isArray(value) || !value.every(isObject)) {
    throw new SlackRefusal('invalid_attachments');
  }
  if (value.length > ATTACHMENTS_MAX) throw new SlackRefusal('too_many_attachments');
  if (value.length === 0) return undefined;
  return value.map(({ blocks, ...attachment }) => {
    const read = readBlocks(blocks);
    return { ...attachment, ...(read && { blocks: read }) };
  });
}

function readMetadata(value: unknown): SlackMetadata | undefined {
  if (value === undefined || value === null) return undefined;
  if (!isObject(value)) throw new SlackRefusal('invalid_metadata_format');
  const { event_type, event_payload } = value;
  if (typeof event_type !== 'string' || !isObject(event_payload)) {
    throw new SlackRefusal('invalid_metadata_format');
  }
  return { event_type, event_payload };
}

/** All blocks of a message, those inside attachments too. */
export function everyBlock(content: MessageContent): readonly SlackBlock[] {
  const attached = content.attachments?.flatMap((attachment) => attachment.blocks ?? []);
  return [...(content.blocks ?? []), ...(attached ?? [])];
}
