/**
 * Client script: making elements. Text enters the page only as text nodes, so that no message can
 * bring markup along.
 */
export const CLIENT_DOM = `'use strict';

const byId = (id) => document.getElementById(id);

/** An element with a class, handlers and attributes; children are nodes, strings or nothing. */
function make(tag, props, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props || {})) {
    if (value === undefined || value === null || value === false) continue;
    if (name === 'class') element.className = value;
    else if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
    else if (name === 'value' || name === 'disabled') element[name] = value;
    else element.setAttribute(name, String(value));
  }
  for (const child of children.flat(Infinity)) {
    if (child !== undefined && child !== null) element.append(child);
  }
  return element;
}

/** Makes the children of parent these nodes, touching only what differs: focus and clicks survive. */
function reconcile(parent, wanted) {
  const keep = new Set(wanted);
  for (const child of [...parent.childNodes]) if (!keep.has(child)) child.remove();
  wanted.forEach((node, index) => {
    if (parent.childNodes[index] !== node) parent.insertBefore(node, parent.childNodes[index] || null);
  });
}

let toastTimer;
function toast(text) {
  const box = byId('toast');
  box.textContent = text;
  box.hidden = false;
  clearTimeout(toastTimer);
  toastTimer = setTimeout(() => { box.hidden = true; }, 6000);
}

/** Calls a verb of the control API; shows why when it was refused. */
async function act(verb, input) {
  let reply;
  try {
    const response = await fetch('/_human/' + verb, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(input),
    });
    reply = await response.json();
  } catch {
    reply = { ok: false, error: 'The local Slack does not answer: it has stopped.' };
  }
  const told = reply.error === 'timeout' || reply.error === 'unknown_command';
  if (!reply.ok && !told) toast((reply.problems || [reply.hint || reply.error]).join('; '));
  return reply;
}
`;
