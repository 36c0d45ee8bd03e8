/** Client script: Block Kit to nodes. */
export const CLIENT_BLOCKS = String.raw`'use strict';

/** A text object: mrkdwn is parsed, plain text is not. */
function renderText(object, context) {
  if (!object) return [];
  if (object.type === 'mrkdwn') return renderMrkdwn(object.text, context.names);
  return renderNodes(parsePlain(object.text), context.names);
}

function renderPlain(object) {
  return object ? emojiOf(object.text) : '';
}

/** Resolves to true when the person confirmed. */
function confirmed(dialogObject, context) {
  const dialog = byId('dialog');
  return new Promise((resolve) => {
    const close = (answer) => { dialog.close(); resolve(answer); };
    const style = dialogObject.style === 'danger' ? 'danger' : 'primary';
    dialog.oncancel = () => resolve(false);
    dialog.replaceChildren(
      make('h3', {}, renderPlain(dialogObject.title)),
      make('div', {}, renderText(dialogObject.text, context)),
      make('div', { class: 'buttons' },
        make('button', { type: 'button', onclick: () => close(false) }, renderPlain(dialogObject.deny)),
        make('button', { type: 'button', class: style, onclick: () => close(true) }, renderPlain(dialogObject.confirm))),
    );
    dialog.showModal();
  });
}

function renderElement(element, block, context) {
  const press = async (control, extra) => {
    if (element.confirm && !(await confirmed(element.confirm, context))) return;
    control.disabled = true;
    try {
      await context.click({ action_id: element.action_id, block_id: block.block_id, ...extra });
    } finally {
      control.disabled = false;
    }
  };
  if (element.type === 'button') {
    const style = ['primary', 'danger'].includes(element.style) ? ' ' + element.style : '';
    const button = make('button', {
      type: 'button',
      class: 'action' + style,
      'aria-label': element.accessibility_label,
      onclick: () => press(button, {}),
    }, renderPlain(element.text));
    return button;
  }
  if (Array.isArray(element.options)) {
    const label = renderPlain(element.placeholder) || 'Choose';
    const select = make('select', {
      'aria-label': label,
      onchange: () => press(select, { selected_option: element.options[select.selectedIndex - 1] }),
    }, make('option', {}, label), element.options.map((option) => make('option', {}, renderPlain(option.text))));
    return select;
  }
  return make('span', { class: 'when' }, '[' + element.type + ']');
}

function richText(node) {
  if (!node) return '';
  if (typeof node.text === 'string') return node.text;
  return (node.elements || []).map(richText).join('');
}

const BLOCKS = {
  section: (block, context) => make('div', { class: 'block block-section' },
    make('div', {},
      block.text ? make('div', {}, renderText(block.text, context)) : null,
      block.fields ? make('div', { class: 'fields' }, block.fields.map((field) => make('div', {}, renderText(field, context)))) : null),
    block.accessory ? make('div', {}, renderElement(block.accessory, block, context)) : null),
  header: (block, context) => make('h3', { class: 'block block-header' }, renderText(block.text, context)),
  divider: () => make('hr', { class: 'block' }),
  context: (block, context) => make('div', { class: 'block block-context' }, block.elements.map((element) =>
    element.type === 'image' ? '[' + element.alt_text + '] ' : make('span', {}, renderText(element, context), ' '))),
  actions: (block, context) => make('div', { class: 'block block-actions' },
    block.elements.map((element) => renderElement(element, block, context))),
  image: (block) => make('div', { class: 'block block-context' }, '[image: ' + block.alt_text + ']'),
  table: (block) => make('table', { class: 'block' }, block.rows.map((row, index) =>
    make('tr', {}, row.map((cell) => make(index === 0 ? 'th' : 'td', {}, richText(cell)))))),
  markdown: (block, context) => make('div', { class: 'block' }, renderMarkdown(block.text, context)),
  rich_text: (block) => make('div', { class: 'block' }, richText(block)),
};

/** Standard Markdown, as far as messages use it: headings, bold, fences, pipe tables. */
function renderMarkdown(text, context) {
  const parts = [];
  let rows = [];
  const flush = () => {
    if (rows.length > 0) parts.push(BLOCKS.table({ rows }));
    rows = [];
  };
  for (const piece of text.split(/(\x60\x60\x60[\s\S]+?\x60\x60\x60)/)) {
    if (piece.startsWith('\x60\x60\x60')) { flush(); parts.push(...renderMrkdwn(piece, context.names)); continue; }
    for (const line of piece.split('\n')) {
      const cells = /^\s*\|(.+)\|\s*$/.exec(line);
      if (cells && /^[\s|:-]+$/.test(cells[1])) continue;
      if (cells) { rows.push(cells[1].split('|').map((cell) => ({ text: cell.trim() }))); continue; }
      flush();
      const heading = /^#{1,6} (.*)$/.exec(line);
      const inline = (heading ? heading[1] : line).replace(/\*\*(.+?)\*\*/g, '*$1*');
      if (inline.trim() !== '') parts.push(make(heading ? 'h3' : 'div', {}, renderMrkdwn(inline, context.names)));
    }
  }
  flush();
  return parts;
}

function renderBlock(block, context) {
  const render = BLOCKS[block.type];
  return render ? render(block, context) : make('div', { class: 'block block-context' }, '[' + block.type + ']');
}
`;
