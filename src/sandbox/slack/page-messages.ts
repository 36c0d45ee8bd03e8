/** Client script: one message, a channel full of them, and modals. */
export const CLIENT_MESSAGES = `'use strict';

/** Ids to names, for one state of the page. */
function namesOf(state) {
  const find = (list, id) => list.find((one) => one.id === id);
  return {
    me: state.me,
    user: (id, label) => id === 'USLACKBOT' ? 'Slackbot' : (find(state.users, id) || {}).name || label || id,
    channel: (id, label) => (find(state.channels, id) || {}).name || label || id,
    group: (id, label) => (find(state.userGroups, id) || {}).handle || (label || id).replace(/^@/, ''),
  };
}

function toneOf(id) {
  let sum = 0;
  for (const sign of id) sum += sign.charCodeAt(0);
  return 'tone' + (sum % 6);
}

function renderAttachment(attachment, context) {
  const named = { good: '#2eb67d', warning: '#ecb22e', danger: '#e01e5a' }[attachment.color];
  const color = named || (/^#?[0-9a-f]{6}$/i.test(attachment.color || '') ? '#' + attachment.color.replace('#', '') : undefined);
  const box = make('div', { class: 'attachment' },
    attachment.blocks
      ? attachment.blocks.map((block) => renderBlock(block, context))
      : make('div', {}, renderMrkdwn(attachment.text || attachment.fallback, context.names)));
  if (color) box.style.borderLeftColor = color;
  return box;
}

function renderMessage(message, state) {
  const names = namesOf(state);
  const context = {
    names,
    click: (extra) => act('click', { user: state.me, channel: message.channel, ts: message.ts, ...extra }),
  };
  const name = names.user(message.user);
  const isApp = message.bot_id !== undefined;
  const isReply = message.thread_ts !== undefined && message.thread_ts !== message.ts;
  const classes = ['message', isReply ? 'reply' : '', message.ephemeral_to ? 'only-you' : ''];
  const time = new Date(Number(message.ts) * 1000).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit', second: '2-digit' });
  return make('article', { class: classes.join(' ').trim(), 'data-ts': message.ts, 'aria-label': 'Message from ' + name },
    make('div', { class: 'avatar ' + (isApp ? 'tone-app' : toneOf(message.user)), 'aria-hidden': 'true' }, name.slice(0, 2)),
    make('div', {},
      message.ephemeral_to ? make('div', { class: 'only-you-note' }, 'Only visible to you') : null,
      make('span', { class: 'who' }, name),
      isApp ? make('span', { class: 'app-mark' }, 'APP') : null,
      make('span', { class: 'when' }, time),
      message.edited ? make('span', { class: 'edited' }, '(edited)') : null,
      message.blocks
        ? message.blocks.map((block) => renderBlock(block, context))
        : make('div', { class: 'block' }, renderMrkdwn(message.text, names)),
      (message.attachments || []).map((attachment) => renderAttachment(attachment, context))));
}

const drawn = new Map();

/** The element of a message, drawn anew only when it changed. */
function messageElement(message, state) {
  const key = state.me + message.channel + message.ts;
  const content = JSON.stringify(message);
  const known = drawn.get(key);
  if (known !== undefined && known.content === content) return known.element;
  const element = renderMessage(message, state);
  drawn.set(key, { content, element });
  return element;
}

/** Parents in order, each followed by its thread. */
function messageElements(state) {
  const replies = new Map();
  const shown = new Set(state.messages.map((message) => message.ts));
  const isReply = (message) => message.thread_ts !== undefined && message.thread_ts !== message.ts && shown.has(message.thread_ts);
  for (const message of state.messages) {
    if (isReply(message)) replies.set(message.thread_ts, [...(replies.get(message.thread_ts) || []), message]);
  }
  return state.messages.filter((message) => !isReply(message)).flatMap((message) =>
    [message, ...(replies.get(message.ts) || [])].map((one) => messageElement(one, state)));
}

let openViewHash;

/** Shows the newest modal of this person, when it is not on the screen yet. */
function showModal(state) {
  const view = state.views.filter((one) => one.type === 'modal').at(-1);
  const mark = view && view.hash + JSON.stringify(view.errors || {});
  if (view === undefined || mark === openViewHash) return;
  openViewHash = mark;
  const context = { names: namesOf(state), click: () => undefined };
  const dialog = byId('dialog');
  const inputs = view.blocks.filter((block) => block.type === 'input').map((block) => ({ block, control: modalControl(block.element) }));
  const submit = async () => {
    const values = {};
    for (const { block, control } of inputs) {
      values[block.block_id] = { [block.element.action_id]: modalValue(block.element, control) };
    }
    dialog.close();
    await act('submit', { user: state.me, view_id: view.id, values });
  };
  dialog.replaceChildren(
    make('h3', {}, renderPlain(view.title)),
    ...view.blocks.map((block) => {
      const input = inputs.find((one) => one.block === block);
      if (input === undefined) return renderBlock(block, context);
      const fault = (view.errors || {})[block.block_id];
      return make('label', {}, renderPlain(block.label), input.control, fault ? make('span', { class: 'fault' }, fault) : null);
    }),
    make('div', { class: 'buttons' },
      make('button', { type: 'button', onclick: () => dialog.close() }, renderPlain(view.close) || 'Cancel'),
      make('button', { type: 'button', class: 'primary', onclick: submit }, renderPlain(view.submit) || 'Submit')));
  if (!dialog.open) dialog.showModal();
}

function modalControl(element) {
  if (Array.isArray(element.options)) {
    return make('select', {}, element.options.map((option) => make('option', {}, renderPlain(option.text))));
  }
  return make(element.multiline ? 'textarea' : 'input', { value: element.initial_value || '' });
}

function modalValue(element, control) {
  if (Array.isArray(element.options)) {
    return { type: element.type, selected_option: element.options[control.selectedIndex] };
  }
  return { type: element.type, value: control.value || null };
}
`;
