/**
 * Client script: Slack's mrkdwn to a tree (pure, tested without a browser) and the tree to nodes.
 * The backtick is written \x60 because the script itself stands in a template string.
 */
export const CLIENT_MRKDWN = String.raw`'use strict';

const EMOJI = {
  white_check_mark: '\u2705', heavy_check_mark: '\u2714', x: '\u274c', warning: '\u26a0',
  hourglass: '\u231b', hourglass_flowing_sand: '\u23f3', lock: '\u{1f512}', unlock: '\u{1f513}',
  rotating_light: '\u{1f6a8}', no_entry: '\u26d4', no_entry_sign: '\u{1f6ab}', stop_sign: '\u{1f6d1}',
  large_green_circle: '\u{1f7e2}', red_circle: '\u{1f534}', large_yellow_circle: '\u{1f7e1}',
  large_blue_circle: '\u{1f535}', white_circle: '\u26aa', black_circle: '\u26ab', bell: '\u{1f514}',
  eyes: '\u{1f440}', tada: '\u{1f389}', arrow_right: '\u27a1', information_source: '\u2139',
  clock1: '\u{1f550}', stopwatch: '\u23f1', wrench: '\u{1f527}', memo: '\u{1f4dd}',
};

const unescapeText = (text) =>
  text.replace(/&lt;/g, '<').replace(/&gt;/g, '>').replace(/&amp;/g, '&');

const INLINE = new RegExp(
  [
    '\x60([^\x60\\n]+)\x60',
    '<([^<>\\n]+)>',
    '(?<![\\w*])\\*(?![\\s*])([^*\\n]+?)(?<!\\s)\\*(?![\\w*])',
    '(?<![\\w_])_(?![\\s_])([^_\\n]+?)(?<!\\s)_(?![\\w_])',
    '(?<![\\w~])~(?![\\s~])([^~\\n]+?)(?<!\\s)~(?![\\w~])',
    ':([a-z0-9_+-]+):',
    '(\\n)',
  ].join('|'),
  'g',
);

/** One line or more without fences and quotes. */
function parseInline(text) {
  const nodes = [];
  let from = 0;
  const plain = (piece) => { if (piece !== '') nodes.push({ kind: 'text', text: unescapeText(piece) }); };
  for (const match of text.matchAll(INLINE)) {
    const [whole, code, angle, bold, italic, strike, emoji, newline] = match;
    if (emoji !== undefined && EMOJI[emoji] === undefined) continue;
    plain(text.slice(from, match.index));
    from = match.index + whole.length;
    if (code !== undefined) nodes.push({ kind: 'code', text: unescapeText(code) });
    else if (angle !== undefined) nodes.push(parseAngle(angle));
    else if (bold !== undefined) nodes.push({ kind: 'bold', children: parseInline(bold) });
    else if (italic !== undefined) nodes.push({ kind: 'italic', children: parseInline(italic) });
    else if (strike !== undefined) nodes.push({ kind: 'strike', children: parseInline(strike) });
    else if (emoji !== undefined) nodes.push({ kind: 'text', text: EMOJI[emoji] });
    else if (newline !== undefined) nodes.push({ kind: 'break' });
  }
  plain(text.slice(from));
  return nodes;
}

const emojiOf = (text) => text.replace(/:([a-z0-9_+-]+):/g, (whole, name) => EMOJI[name] || whole);

/** A plain_text object: only emoji and line breaks mean something. */
function parsePlain(text) {
  return text.split('\n').flatMap((line, index) =>
    [...(index > 0 ? [{ kind: 'break' }] : []), { kind: 'text', text: emojiOf(line) }]);
}

/** What stands between < and >: a mention, a date, a link, or nothing Slack knows. */
function parseAngle(inside) {
  const cut = inside.indexOf('|');
  const target = cut < 0 ? inside : inside.slice(0, cut);
  const label = cut < 0 ? undefined : unescapeText(inside.slice(cut + 1));
  if (target.startsWith('@')) return { kind: 'user', id: target.slice(1), label };
  if (target.startsWith('#')) return { kind: 'channel', id: target.slice(1), label };
  if (target.startsWith('!subteam^')) return { kind: 'group', id: target.slice(9), label };
  if (target.startsWith('!date^')) return parseDate(target, label);
  if (target.startsWith('!')) return { kind: 'broadcast', name: label || target.slice(1) };
  if (/^(https?|mailto):/.test(target)) {
    const href = unescapeText(target);
    return { kind: 'link', href, text: label || href };
  }
  return { kind: 'text', text: unescapeText('<' + inside + '>') };
}

function parseDate(target, fallback) {
  const [, seconds, format] = target.split('^');
  const at = new Date(Number(seconds) * 1000);
  if (Number.isNaN(at.getTime()) || format === undefined) return { kind: 'text', text: fallback || target };
  const day = at.toLocaleDateString(undefined, { day: 'numeric', month: 'short', year: 'numeric' });
  const hour = { hour: '2-digit', minute: '2-digit' };
  const text = format
    .replace(/\{time_secs\}/g, at.toLocaleTimeString([], { ...hour, second: '2-digit' }))
    .replace(/\{time\}/g, at.toLocaleTimeString([], hour))
    .replace(/\{(date\w*|ago)\}/g, day);
  return { kind: 'text', text };
}

/** A whole text: code fences, quoted lines, and the rest inline. */
function parseMrkdwn(text) {
  const nodes = [];
  text.split(/\x60\x60\x60\n?([\s\S]+?)\n?\x60\x60\x60\n?/).forEach((piece, index) => {
    if (index % 2 === 1) nodes.push({ kind: 'fence', text: unescapeText(piece) });
    else nodes.push(...parseQuotes(piece));
  });
  return nodes;
}

function parseQuotes(text) {
  const nodes = [];
  let run = [];
  let quoted = false;
  const flush = () => {
    if (run.length === 0) return;
    const children = parseInline(run.join('\n'));
    if (quoted) nodes.push({ kind: 'quote', children });
    else nodes.push(...children);
    run = [];
  };
  for (const line of text.split('\n')) {
    const quote = /^(?:&gt;|>) ?(.*)$/.exec(line);
    if ((quote !== null) !== quoted) { flush(); quoted = quote !== null; }
    run.push(quote === null ? line : quote[1]);
  }
  flush();
  return nodes;
}

/** The tree as nodes; names holds what ids stand for. */
function renderNodes(nodes, names) {
  return nodes.map((node) => {
    const inner = () => renderNodes(node.children, names);
    switch (node.kind) {
      case 'text': return document.createTextNode(node.text);
      case 'break': return make('br');
      case 'code': return make('code', {}, node.text);
      case 'fence': return make('pre', {}, node.text);
      case 'bold': return make('b', {}, inner());
      case 'italic': return make('i', {}, inner());
      case 'strike': return make('s', {}, inner());
      case 'quote': return make('blockquote', {}, inner());
      case 'link': return make('a', { href: node.href, target: '_blank', rel: 'noreferrer noopener' }, node.text);
      case 'user': return make('span', { class: node.id === names.me ? 'mention me' : 'mention' }, '@' + names.user(node.id, node.label));
      case 'channel': return make('span', { class: 'mention' }, '#' + names.channel(node.id, node.label));
      case 'group': return make('span', { class: 'mention group' }, '@' + names.group(node.id, node.label));
      case 'broadcast': return make('span', { class: 'mention group' }, '@' + node.name);
      default: return document.createTextNode('');
    }
  });
}

const renderMrkdwn = (text, names) => renderNodes(parseMrkdwn(String(text || '')), names);
`;
