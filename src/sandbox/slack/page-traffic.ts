/** Client script: the strip at the top, one lane of moving bars per member. */
export const CLIENT_TRAFFIC = `'use strict';

const SPAN_MS = 12000;
const BUCKET_MS = 100;
const IDLE_MS = 2000;
const LANES_IN_A_COLUMN = 5;
const lanes = [];

/** Draws the lanes afresh from the totals since the start. */
function trafficStart(totals) {
  byId('traffic').hidden = false;
  lanes.length = 0;
  const rows = totals.members.map((member) => {
    const canvas = make('canvas', { 'aria-hidden': 'true' });
    const rate = make('span', { class: 'rate' }, '');
    const total = make('span', { class: 'total' }, '');
    const row = make('div', { class: 'lane idle', 'data-member': member.name },
      make('span', { class: 'member', title: member.name }, member.name), canvas, rate, total);
    lanes.push({ row, canvas, rate, total, count: member.total, buckets: [], lastAt: undefined });
    return row;
  });
  byId('lanes').classList.toggle('many', rows.length > LANES_IN_A_COLUMN);
  byId('lanes').replaceChildren(...rows);
  trafficFigures(totals.total, totals.failed);
}

function trafficBatch(batch) {
  const now = performance.now();
  for (const [index, answered, failed] of batch.hits) {
    const lane = lanes[index];
    if (lane === undefined) continue;
    lane.count += answered;
    lane.lastAt = now;
    lane.buckets.push({ at: now, answered, failed });
  }
  trafficFigures(batch.total, batch.failed);
}

function trafficFigures(total, failed) {
  byId('failed').classList.toggle('bad', failed > 0);
  byId('failed-count').textContent = failed.toLocaleString('en');
  byId('answered-label').textContent = (total - failed).toLocaleString('en') + ' answered';
}

/** Figures of a lane: per second now, in all, and since when it gets nothing. */
function labelLane(lane, now) {
  const second = lane.buckets.filter((bucket) => bucket.at > now - 1000);
  const perSecond = second.reduce((sum, bucket) => sum + bucket.answered, 0);
  const silentMs = lane.lastAt === undefined ? Infinity : now - lane.lastAt;
  const idle = silentMs > IDLE_MS;
  lane.row.classList.toggle('idle', idle);
  lane.rate.textContent = idle ? 'no requests' : perSecond + ' / s';
  lane.total.textContent = lane.count.toLocaleString('en') + ' total';
}

function drawLane(lane, now, most) {
  const { canvas } = lane;
  const scale = window.devicePixelRatio || 1;
  const width = Math.round(canvas.clientWidth * scale);
  const height = Math.round(canvas.clientHeight * scale);
  if (canvas.width !== width || canvas.height !== height) { canvas.width = width; canvas.height = height; }
  const pen = canvas.getContext('2d');
  pen.clearRect(0, 0, width, height);
  const step = (BUCKET_MS / SPAN_MS) * width;
  const bar = Math.max(2 * scale, step - scale);
  const idle = lane.row.classList.contains('idle');
  for (const { at, answered, failed } of lane.buckets) {
    const x = width - ((now - at) / SPAN_MS) * width - bar;
    const tall = (count) => (count === 0 ? 0 : Math.max(4 * scale, (count / most) * (height - 4 * scale)));
    const good = tall(answered);
    pen.fillStyle = idle ? '#4b545e' : '#2bac76';
    pen.fillRect(x, height - good, bar, good);
    pen.fillStyle = '#ff4d6d';
    pen.fillRect(x, height - good - tall(failed), bar, tall(failed));
  }
}

let labelledAt = 0;

function drawTraffic() {
  const now = performance.now();
  let most = 3;
  for (const lane of lanes) {
    while (lane.buckets.length > 0 && lane.buckets[0].at < now - SPAN_MS) lane.buckets.shift();
    for (const { answered, failed } of lane.buckets) most = Math.max(most, answered + failed);
  }
  // Figures that change sixty times a second cannot be read.
  const label = now - labelledAt > 250;
  if (label) labelledAt = now;
  for (const lane of lanes) {
    if (label) labelLane(lane, now);
    drawLane(lane, now, most);
  }
}

if (matchMedia('(prefers-reduced-motion: reduce)').matches) {
  setInterval(drawTraffic, 1000);
} else {
  const frame = () => { drawTraffic(); requestAnimationFrame(frame); };
  requestAnimationFrame(frame);
}
`;
