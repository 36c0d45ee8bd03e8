/** Client script: the list of things to break. */
export const CLIENT_BREAK = `'use strict';

const thingRows = new Map();

function thingRow(thing) {
  const button = (verb, style) => make('button', {
    type: 'button', class: style, onclick: () => act(verb, { thing }),
  });
  const row = {
    name: make('strong', {}),
    damage: make('span', { class: 'damage' }),
    effect: make('p', {}),
    break: button('break', ''),
    mend: button('mend', 'mend'),
  };
  row.element = make('div', { class: 'thing', role: 'group', 'data-thing': thing },
    make('div', {}, row.name, ' ', row.damage), row.effect, make('div', {}, row.break, row.mend));
  thingRows.set(thing, row);
  return row;
}

/** Rows are kept and altered in place, so that a button keeps the keyboard. */
function drawThings({ things }) {
  byId('break').hidden = things.length === 0;
  reconcile(byId('things'), things.map((one) => {
    const row = thingRows.get(one.thing) || thingRow(one.thing);
    row.element.setAttribute('aria-label', one.name);
    row.name.textContent = one.name;
    row.effect.textContent = one.effect;
    row.damage.textContent = one.busy ? 'a moment …' : one.damage;
    row.break.textContent = one.breakWords;
    row.mend.textContent = one.mendWords;
    const held = document.activeElement;
    row.break.hidden = one.condition === 'broken';
    row.mend.hidden = one.condition === 'whole';
    if (held === row.break && row.break.hidden) row.mend.focus();
    if (held === row.mend && row.mend.hidden) row.break.focus();
    return row.element;
  }));
}

// Where there is little room the channel comes first.
if (matchMedia('(max-width: 760px)').matches) byId('break').open = false;
`;
