/** Client script: the Home tab of the app. */
export const CLIENT_HOME = `'use strict';

let atHome = false;
/** Hash of the view on the screen: it is drawn anew only when it changed. */
let homeDrawn;

/** The app hears of it and draws the tab anew. */
function openHome() {
  act('openHome', { user: me });
}

/** Takes the place of the channel while it is open. */
function drawHome(state) {
  byId('apps').replaceChildren(make('button', {
    type: 'button',
    'aria-current': String(atHome),
    onclick: () => { atHome = true; openHome(); load(); },
  }, make('span', { class: 'sign', 'aria-hidden': 'true' }, '+'), state.bot.name + ' Home'));
  byId('home').hidden = !atHome;
  byId('messages').hidden = atHome;
  byId('composer').hidden = atHome;
  if (!atHome) return;
  byId('channel-name').textContent = state.bot.name;
  byId('channel-note').textContent = 'Home, seen by nobody but you';
  const view = state.views.find((one) => one.type === 'home');
  if (view === undefined) {
    reconcile(byId('home'), [make('p', {}, 'Not drawn yet.')]);
    homeDrawn = undefined;
    return;
  }
  if (homeDrawn === view.hash) return;
  homeDrawn = view.hash;
  const context = {
    names: namesOf(state),
    click: (extra) => act('clickHome', { user: state.me, ...extra }),
  };
  byId('home').replaceChildren(...view.blocks.map((block) => renderBlock(block, context)));
}
`;
