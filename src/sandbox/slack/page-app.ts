/** Client script: reads the state, draws the page, sends what is typed. */
export const CLIENT_APP = String.raw`'use strict';

let me = sessionStorage.getItem('me') || '';
let channel = sessionStorage.getItem('channel') || '';
const seen = new Map();
const typedBefore = [];
let recalled = 0;

let loading = false;
let again = false;

/** Reads and draws; calls in between become one more round. */
async function load() {
  if (loading) { again = true; return; }
  loading = true;
  try {
    do {
      again = false;
      const query = new URLSearchParams();
      if (me) query.set('user', me);
      if (channel) query.set('channel', channel);
      const response = await fetch('/_human/state?' + query);
      draw(await response.json());
    } while (again);
  } catch {
    offline();
  } finally {
    loading = false;
  }
}

function offline() {
  byId('connection').textContent = 'the demo has stopped';
  byId('connection').className = '';
}

function draw(state) {
  me = state.me || '';
  channel = state.channel || '';
  sessionStorage.setItem('me', me);
  sessionStorage.setItem('channel', channel);
  byId('team').textContent = state.team.name;
  byId('connection').textContent = state.connected ? state.bot.name + ' is connected' : state.bot.name + ' is not connected';
  byId('connection').className = state.connected ? 'on' : '';
  byId('notice').textContent = state.notice || '';
  byId('notice').hidden = !state.notice;
  drawPeople(state);
  drawChannels(state);
  drawMessages(state);
  drawHome(state);
  drawThings(state);
  showModal(state);
}

function drawPeople(state) {
  const select = byId('me');
  const people = state.users.filter((user) => !user.is_bot && !user.deleted);
  const label = (user) => user.name + (user.is_stranger ? ' (other workspace)' : user.is_restricted ? ' (guest)' : '');
  const options = people.map((user) => label(user)).join('|');
  if (select.dataset.options !== options) {
    select.dataset.options = options;
    select.replaceChildren(...people.map((user) => make('option', { value: user.id }, label(user))));
  }
  select.value = me;
}

const locked = (one) => one.is_private && !one.is_im;

function drawChannels(state) {
  const open = state.channels.find((one) => one.id === channel);
  if (open) seen.set(me + channel, open.last_ts);
  const button = (one) => {
    const name = one.is_im ? state.bot.name : one.name;
    const unread = Number(one.last_ts) > Number(seen.get(me + one.id) || 0);
    return make('button', {
      type: 'button',
      class: unread ? 'unread' : '',
      'aria-current': String(!atHome && one.id === channel),
      onclick: () => { atHome = false; channel = one.id; load(); },
    }, make('span', { class: locked(one) ? 'sign lock' : 'sign', 'aria-hidden': 'true' }, locked(one) ? '' : one.is_im ? '@' : '#'), name);
  };
  byId('channels').replaceChildren(...state.channels.filter((one) => !one.is_im).map(button));
  const direct = state.channels.filter((one) => one.is_im);
  byId('direct-title').hidden = direct.length === 0;
  byId('direct').replaceChildren(...direct.map(button));
  const notes = open ? [
    open.is_private && !open.is_im && 'private', open.is_archived && 'archived',
    open.is_ext_shared && 'shared with another organisation', open.is_im && 'direct message',
  ].filter(Boolean) : [];
  byId('channel-name').textContent = open ? (open.is_im ? state.bot.name : '# ' + open.name) : '';
  byId('channel-note').textContent = notes.join(', ');
  byId('box').placeholder = 'Message ' + (open ? (open.is_im ? state.bot.name : '#' + open.name) : '') +
    ', or a command: ' + state.commands.map((command) => command + ' help').join(', ');
}

let drawnFor = '';

function emptyWords({ things }) {
  return 'Nothing here yet. Type a command below' + (things.length > 0 ? ', or break something and see.' : '.');
}

function drawMessages(state) {
  const log = byId('messages');
  const place = me + channel;
  const atEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 60;
  const elements = messageElements(state);
  reconcile(log, elements.length > 0 ? elements : [make('p', {}, emptyWords(state))]);
  if (atEnd || drawnFor !== place) log.scrollTop = log.scrollHeight;
  drawnFor = place;
}

byId('me').addEventListener('change', () => {
  me = byId('me').value;
  if (atHome) openHome();
  load();
});

byId('composer').addEventListener('submit', async (event) => {
  event.preventDefault();
  const box = byId('box');
  const typed = box.value.trim();
  if (typed === '') return;
  box.value = '';
  typedBefore.push(typed);
  recalled = typedBefore.length;
  byId('messages').scrollTop = byId('messages').scrollHeight;
  const command = /^(\/\S+)\s*([\s\S]*)$/.exec(typed);
  const place = { user: me, channel };
  const reply = command
    ? await act('command', { ...place, command: command[1], text: command[2] })
    : await act('say', { ...place, text: typed.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;') });
  if (!reply.ok && box.value === '') box.value = typed;
});

byId('box').addEventListener('keydown', (event) => {
  if (event.key !== 'ArrowUp' && event.key !== 'ArrowDown') return;
  const at = recalled + (event.key === 'ArrowUp' ? -1 : 1);
  if (at < 0 || at > typedBefore.length) return;
  recalled = at;
  byId('box').value = typedBefore[at] || '';
  event.preventDefault();
});

const events = new EventSource('/_events');
events.addEventListener('open', load);
events.addEventListener('changed', load);
events.addEventListener('error', offline);
events.addEventListener('totals', (event) => trafficStart(JSON.parse(event.data)));
events.addEventListener('traffic', (event) => trafficBatch(JSON.parse(event.data)));
load();
`;
