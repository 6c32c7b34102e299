// SPDX-License-Identifier: Apache-2.0
// The page's script: takes one event a second, makes rates of counters, and changes only what is new on the page.
// All that came from outside becomes text nodes, never HTML.
'use strict';

const UPDATES_KEPT = 61; // one a second: what "in the last minute" is taken from
const WINDOW_S = 10; // of latencies
const ALERT_SHOWN_MS = 10 * 60 * 1000;
const TRAFFIC_KEPT = 500;
// What every healthy client meets when it joins a group or asks for versions.
const ORDINARY = new Set(['MEMBER_ID_REQUIRED', 'REBALANCE_IN_PROGRESS', 'UNSUPPORTED_VERSION']);

const token = new URLSearchParams(location.search).get('token');
const updates = []; // oldest first

const byId = (id) => document.getElementById(id);
const latest = () => updates[updates.length - 1];

function address(path, values = {}) {
  const query = new URLSearchParams(token ? { ...values, token } : values).toString();
  return path + (query ? '?' + query : '');
}

function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) if (value !== undefined && value !== false) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

// ---- numbers for people

function bytes(count) {
  let unit = 0;
  while (count >= 1024 && unit < 4) {
    count /= 1024;
    unit++;
  }
  return (unit && count < 100 ? count.toFixed(1) : Math.round(count).toLocaleString('en')) + ' ' + ['B', 'KiB', 'MiB', 'GiB', 'TiB'][unit];
}

const whole = (count) => Math.round(count).toLocaleString('en');
const perSecond = (rate) => (rate && rate < 10 ? rate.toFixed(1) : whole(rate)) + '/s';

function duration(ms) {
  if (ms < 1000) return Math.round(ms) + ' ms';
  if (ms < 120000) return (ms < 10000 ? (ms / 1000).toFixed(1) : Math.round(ms / 1000)) + ' s';
  return ms < 7200000 ? Math.round(ms / 60000) + ' min' : Math.round(ms / 3600000) + ' h';
}

function latency(us) {
  return us < 1000 ? us + ' µs' : us < 1000000 ? us / 1000 + ' ms' : us / 1000000 + ' s';
}

const times = (count) => (count === 1 ? 'once' : count === 2 ? 'twice' : whole(count) + ' times');
const counted = (count, one, many) => whole(count) + ' ' + (count === 1 ? one : many);

// ---- rates

const before = (seconds) => updates[Math.max(0, updates.length - 1 - seconds)];

function secondsSince(then) {
  return Math.max(0.5, (latest().now_ms - then.now_ms) / 1000);
}

// Rows of a list, each with the rate of some of its counters since the update before.
function rated(list, key, ...counters) {
  const then = before(1);
  const known = new Map(then[list].map((row) => [row[key], row]));
  return latest()[list].map((row) => {
    const old = known.get(row[key]);
    const rates = {};
    for (const counter of counters) {
      const from = old ? old[counter] : 0;
      rates[counter + '_rate'] = then === latest() ? 0 : Math.max(0, row[counter] - from) / secondsSince(then);
    }
    return { ...row, ...rates };
  });
}

function sum(rows, counter) {
  return rows.reduce((total, row) => total + row[counter], 0);
}

function totalRate(index, take) {
  if (index < 1) return 0;
  const elapsed_s = Math.max(0.5, (updates[index].now_ms - updates[index - 1].now_ms) / 1000);
  return Math.max(0, take(updates[index]) - take(updates[index - 1])) / elapsed_s;
}

// The bound of the bucket in which the quantile lies, of what was answered in the last seconds; undefined: nothing was.
function quantile(buckets, share) {
  const total = buckets.reduce((all, count) => all + count, 0);
  let passed = 0;
  for (let i = 0; total && i < buckets.length; i++) {
    passed += buckets[i];
    if (passed >= share * total) return latest().bounds_us[i] ?? Infinity;
  }
  return undefined;
}

function shownQuantile(us) {
  return us === undefined ? '–' : us === Infinity ? '> ' + latency(latest().bounds_us.at(-1)) : '≤ ' + latency(us);
}

// A link of a cluster of one broker leads to that one, also where nobody has named it.
function linkText(link) {
  const only = latest().kind === 'one' ? latest().brokers[0]?.id : undefined;
  const node = link.node < 0 ? (only ?? 'any') : link.node;
  return link.state === 'up' ? String(node) : `${node} ${link.state}`;
}

// ---- tables: one description for each, rows are kept by key so that focus and selection stay

const tables = {
  brokers: {
    caption: 'Brokers of the cluster',
    empty: 'No broker has answered yet.',
    key: 'id',
    columns: [
      { title: 'Node', text: (row) => String(row.id), head: true },
      { title: 'Advertises', text: (row) => row.advertised, mono: true },
      { title: 'Connections', text: (row) => whole(row.links), value: (row) => row.links },
      { title: 'State', text: (row) => row.state, bad: (row) => row.failing },
    ],
  },
  told: {
    caption: 'Which address is told to whom, and by which rule',
    empty: 'No client of Kafka is connected.',
    key: 'key',
    columns: [
      { title: 'Told', text: (row) => row.told, mono: true, head: true },
      { title: 'Clients', text: (row) => whole(row.count), value: (row) => row.count },
      { title: 'Because', text: (row) => row.because, long: true, bad: (row) => row.doubtful },
    ],
  },
  clients: {
    caption: 'Clients with the rates of their requests and bytes',
    empty: 'No client has sent anything yet.',
    key: 'id',
    sort: ['Requests', -1],
    columns: [
      { title: 'Client', text: (row) => row.id || '(no client id)', head: true, sort: (row) => row.id },
      { title: 'Connections', text: (row) => whole(row.connections), value: (row) => row.connections },
      { title: 'Requests', text: (row) => perSecond(row.requests_rate), value: (row) => row.requests_rate },
      { title: 'In', text: (row) => bytes(row.in_rate) + '/s', value: (row) => row.in_rate },
      { title: 'Out', text: (row) => bytes(row.out_rate) + '/s', value: (row) => row.out_rate },
      { title: 'Errors', text: (row) => whole(row.errors), value: (row) => row.errors, bad: (row) => row.errors_rate > 0 },
    ],
  },
  topics: {
    caption: 'Topics with the rates of produced and consumed bytes of records',
    empty: 'No record has passed yet.',
    key: 'name',
    sort: ['Produced', -1],
    columns: [
      { title: 'Topic', text: (row) => row.name, head: true, sort: (row) => row.name },
      { title: 'Produced', text: (row) => bytes(row.produced_rate) + '/s', value: (row) => row.produced_rate },
      { title: 'Consumed', text: (row) => bytes(row.fetched_rate) + '/s', value: (row) => row.fetched_rate },
      { title: 'Produced in all', text: (row) => bytes(row.produced), value: (row) => row.produced },
      { title: 'Consumed in all', text: (row) => bytes(row.fetched), value: (row) => row.fetched },
    ],
  },
  connections: {
    caption: 'Connections, the newest first',
    empty: 'Nobody is connected.',
    key: 'peer',
    columns: [
      { title: 'From', text: (row) => row.peer, mono: true, head: true, sort: (row) => row.peer },
      { title: 'Client', text: (row) => row.client || '–', sort: (row) => row.client },
      { title: 'Software', text: (row) => row.software || '–', sort: (row) => row.software },
      { title: 'Told', text: (row) => (row.target ? 'forwarded to ' + row.target : row.told), mono: true, bad: (row) => row.doubtful },
      { title: 'Brokers', text: (row) => row.links.map(linkText).join(', ') || '–' },
      { title: 'Requests', text: (row) => perSecond(row.requests_rate), value: (row) => row.requests_rate },
      { title: 'In', text: (row) => bytes(row.in_rate) + '/s', value: (row) => row.in_rate },
      { title: 'Out', text: (row) => bytes(row.out_rate) + '/s', value: (row) => row.out_rate },
      { title: 'Unanswered', text: (row) => whole(row.in_flight), value: (row) => row.in_flight },
      { title: 'Errors', text: (row) => whole(row.errors), value: (row) => row.errors, bad: (row) => row.errors_rate > 0 },
      { title: 'Last request', text: (row) => (row.held ? 'is held' : duration(row.idle_ms) + ' ago'), value: (row) => row.idle_ms, bad: (row) => row.held },
    ],
  },
  apis: {
    caption: 'Requests by API',
    empty: 'No request has come yet.',
    key: 'api',
    sort: ['Requests', -1],
    columns: [
      { title: 'API', text: (row) => row.api, head: true, sort: (row) => row.api },
      { title: 'Requests', text: (row) => perSecond(row.requests_rate), value: (row) => row.requests_rate },
      { title: 'In all', text: (row) => whole(row.requests), value: (row) => row.requests },
      { title: 'In', text: (row) => bytes(row.in_rate) + '/s', value: (row) => row.in_rate },
      { title: 'Out', text: (row) => bytes(row.out_rate) + '/s', value: (row) => row.out_rate },
      { title: 'Half within', text: (row) => shownQuantile(row.half_us), value: (row) => row.half_us ?? -1 },
      { title: '99 % within', text: (row) => shownQuantile(row.most_us), value: (row) => row.most_us ?? -1 },
      { title: 'Errors', text: (row) => row.errors || '–', long: true, bad: (row) => row.alarming },
    ],
  },
};

function makeTable(name, description) {
  const place = document.querySelector(`[data-table="${name}"]`);
  description.place = place;
  description.rows = new Map();
  description.sort ??= null;
  description.heads = description.columns.map((column) => {
    const sortable = column.value || column.sort;
    const inside = sortable ? element('button', { type: 'button' }, column.title) : column.title;
    const head = element('th', { scope: 'col', class: column.value ? 'number' : undefined }, inside);
    if (sortable) inside.addEventListener('click', () => sortBy(description, column));
    return head;
  });
  description.body = element('tbody');
  description.table = element('table', {}, element('caption', {}, description.caption),
    element('thead', {}, element('tr', {}, ...description.heads)), description.body);
  description.note = element('p', {}, description.empty);
  place.setAttribute('tabindex', '0');
  place.setAttribute('role', 'region');
  place.setAttribute('aria-label', description.caption);
  place.append(description.note);
}

function sortBy(description, column) {
  const [title, direction] = description.sort ?? [];
  const first = column.value ? -1 : 1;
  description.sort = title === column.title ? (direction === first ? [title, -first] : null) : [column.title, first];
  show();
}

function sorted(description, rows) {
  if (!description.sort) return rows;
  const [title, direction] = description.sort;
  const column = description.columns.find((one) => one.title === title);
  const take = column.value ?? column.sort;
  return [...rows].sort((a, b) => (take(a) < take(b) ? -direction : take(a) > take(b) ? direction : 0));
}

function makeRow(description) {
  const cells = description.columns.map((column) => {
    const style = [column.value && 'number', column.long && 'long', column.mono && 'mono'].filter(Boolean).join(' ');
    return element(column.head ? 'th' : 'td', { scope: column.head && 'row', class: style || undefined });
  });
  return { cells, line: element('tr', {}, ...cells) };
}

function fillRow(description, made, row) {
  description.columns.forEach((column, i) => {
    const cell = made.cells[i];
    setText(cell, column.text(row));
    cell.classList.toggle('bad', Boolean(column.bad?.(row)));
    cell.classList.toggle('zero', Boolean(column.value) && !column.value(row));
  });
}

function showTable(name, rows) {
  const description = tables[name];
  const kept = new Map();
  description.heads.forEach((head, i) => {
    const [title, direction] = description.sort ?? [];
    if (title === description.columns[i].title) head.setAttribute('aria-sort', direction > 0 ? 'ascending' : 'descending');
    else head.removeAttribute('aria-sort');
  });
  let next = description.body.firstChild;
  for (const row of sorted(description, rows)) {
    const made = description.rows.get(row[description.key]) ?? makeRow(description);
    fillRow(description, made, row);
    kept.set(row[description.key], made);
    if (made.line === next) next = next.nextSibling;
    else description.body.insertBefore(made.line, next);
  }
  for (const [key, made] of description.rows) if (!kept.has(key)) made.line.remove();
  description.rows = kept;
  const shown = kept.size ? description.table : description.note;
  if (description.place.firstChild !== shown) description.place.replaceChildren(shown);
}

// ---- live traffic: rows are added at the end of the stream, the newest on top, and never changed

const GOES_ON = 'One line for each request with its answer, as it ends.';
const traffic = { shows: false, stops: false, count: 0, left_out: 0, body: element('tbody'), table: null };

function makeTraffic() {
  const titles = ['Time', 'Client', 'API', 'Node', 'In', 'Out', 'Took', 'About', ''];
  const heads = titles.map((title) => element('th', { scope: 'col', class: ['In', 'Out', 'Took'].includes(title) ? 'number' : undefined },
    title || element('span', { class: 'hidden' }, 'More')));
  const place = document.querySelector('[data-table="traffic"]');
  traffic.table = element('table', { class: 'lines' }, element('caption', {}, 'Requests with their answers, the newest first'),
    element('thead', {}, element('tr', {}, ...heads)), traffic.body);
  place.setAttribute('tabindex', '0');
  place.setAttribute('role', 'region');
  place.setAttribute('aria-label', 'Lines of traffic');
}

function expand(button, line, row) {
  const open = button.getAttribute('aria-expanded') === 'true';
  button.setAttribute('aria-expanded', String(!open));
  if (open) {
    row.nextSibling.remove();
    return;
  }
  const details = JSON.stringify(line, null, 1);
  row.after(element('tr', { class: 'more' }, element('td', { colspan: '9' }, element('pre', {}, details))));
}

// A line is what --traffic=json prints (traffic.schema.json).
function trafficRow({ line, about }) {
  const at = new Date(line.time);
  const time = at.toLocaleTimeString('en-GB') + '.' + String(at.getMilliseconds()).padStart(3, '0');
  const node = line.by_kbridge ? 'kbridge' : String(line.node ?? 'any');
  const bad = line.errors || line.outcome === 'none';
  const button = element('button', { type: 'button', class: 'open', 'aria-expanded': 'false', 'aria-label': 'All of this request' }, '⋯');
  const row = element('tr', {},
    element('td', { class: 'mono' }, time),
    element('td', {}, line.client || line.peer),
    element('th', { scope: 'row' }, `${line.api ?? '?'} v${line.version ?? '?'}`),
    element('td', {}, node),
    element('td', { class: 'number' }, bytes(line.bytes_in)),
    element('td', { class: 'number' }, bytes(line.bytes_out)),
    element('td', { class: 'number' }, line.outcome === 'answered' ? line.ms.toFixed(line.ms < 100 ? 2 : 0) + ' ms' : '–'),
    element('td', { class: bad ? 'long bad' : 'long' }, about),
    element('td', {}, button));
  button.addEventListener('click', () => expand(button, line, row));
  return row;
}

function addTraffic(batch) {
  if (traffic.stops) return;
  traffic.count += batch.lines.length;
  traffic.left_out += batch.left_out;
  traffic.body.prepend(...batch.lines.map(trafficRow).reverse());
  while (traffic.body.children.length > TRAFFIC_KEPT) traffic.body.lastChild.remove();
  const place = document.querySelector('[data-table="traffic"]');
  if (place.firstChild !== traffic.table) place.replaceChildren(traffic.table);
  setText(byId('traffic-count'), counted(traffic.count, 'line', 'lines') + (traffic.left_out ? `, and ${whole(traffic.left_out)} more that were too many at once` : ''));
}

// What the form says, as the query of the stream.
function trafficQuery() {
  const query = {};
  for (const [name, value] of new FormData(byId('traffic-form'))) if (value) query[name] = value === 'on' ? 'true' : value;
  return query;
}

function noteTraffic(text) {
  setText(byId('traffic-note'), text);
}

async function showTraffic(shows) {
  const query = trafficQuery();
  const answer = await fetch(address('api/filter', query));
  const wrong = (await answer.text()).trim();
  if (wrong) {
    noteTraffic(wrong);
    return;
  }
  traffic.shows = shows;
  const button = byId('traffic-switch');
  button.setAttribute('aria-pressed', String(shows));
  setText(button, shows ? 'Hide traffic' : 'Show traffic');
  byId('traffic-hold').hidden = byId('traffic-clear').hidden = !shows;
  noteTraffic(shows ? 'Asking for it …' : 'Off. While it is shown, kbridge keeps what each request is about until its answer.');
  listen(shows ? { ...query, traffic: 'true' } : {});
}

function holdTraffic() {
  traffic.stops = !traffic.stops;
  setText(byId('traffic-hold'), traffic.stops ? 'Go on' : 'Stop');
  noteTraffic(traffic.stops ? 'Stopped; what passes now is not shown.' : GOES_ON);
}

function clearTraffic() {
  traffic.body.replaceChildren();
  traffic.count = traffic.left_out = 0;
  setText(byId('traffic-count'), '');
}

function listenToTraffic() {
  byId('traffic-switch').addEventListener('click', () => showTraffic(!traffic.shows));
  byId('traffic-hold').addEventListener('click', holdTraffic);
  byId('traffic-clear').addEventListener('click', clearTraffic);
  byId('traffic-form').addEventListener('submit', (event) => event.preventDefault());
  byId('traffic-form').addEventListener('change', () => traffic.shows && showTraffic(true));
}

// ---- what the tables show

function brokerRows(state) {
  return state.brokers.map((broker) => {
    const links = state.connections.flatMap((one) => one.links.filter((link) => link.node === broker.id || state.kind === 'one'));
    const waiting = links.filter((link) => link.state === 'waiting').length;
    const failing = waiting > 0 || (state.kind === 'one' && !state.ready);
    return { ...broker, links: links.length, failing, state: failing ? 'cannot be reached' : links.length ? 'in use' : 'known' };
  });
}

function toldRows(state) {
  const rows = new Map();
  for (const one of state.connections) {
    if (one.target) continue;
    const key = one.rule + ' ' + one.told;
    const row = rows.get(key) ?? { key, told: one.told, count: 0, doubtful: one.doubtful };
    row.because = state.told.find((rule) => rule.rule === one.rule).text + (one.doubtful ? '; it can hardly reach that' : '');
    row.count++;
    rows.set(key, row);
  }
  return [...rows.values()];
}

function clientRows(state) {
  const connections = new Map();
  for (const one of state.connections) connections.set(one.client, (connections.get(one.client) ?? 0) + 1);
  return rated('clients', 'id', 'requests', 'errors', 'in', 'out').map((row) => ({ ...row, connections: connections.get(row.id) ?? 0 }));
}

function apiRows(state) {
  const then = new Map(before(WINDOW_S).apis.map((row) => [row.api, row.latency]));
  return rated('apis', 'api', 'requests', 'in', 'out').map((row) => {
    const old = updates.length > 1 ? then.get(row.api) : undefined;
    const recent = row.latency.map((count, i) => count - (old ? old[i] : 0));
    const errors = state.errors.filter((error) => error.api === row.api);
    return {
      ...row,
      half_us: quantile(recent, 0.5),
      most_us: quantile(recent, 0.99),
      errors: errors.map((error) => error.error + ' × ' + whole(error.count)).join(', '),
      alarming: errors.some((error) => !ORDINARY.has(error.error)),
    };
  });
}

function connectionRows() {
  const wanted = byId('connection-filter').value.trim().toLowerCase();
  const rows = rated('connections', 'peer', 'requests', 'errors', 'in', 'out');
  return wanted ? rows.filter((row) => [row.peer, row.client, row.software, row.told ?? row.target].join(' ').toLowerCase().includes(wanted)) : rows;
}

// ---- problems

function errorProblems(state) {
  const then = new Map(before(60).errors.map((row) => [row.api + ' ' + row.error, row.count]));
  return state.errors
    .map((row) => ({ ...row, recent: row.count - (then.get(row.api + ' ' + row.error) ?? 0) }))
    .filter((row) => updates.length > 1 && row.recent > 0 && !ORDINARY.has(row.error))
    .map((row) => ({ level: 'warn', text: `${row.api} was answered with ${row.error}, ${times(row.recent)} in the last minute.` }));
}

function alertProblems(state) {
  return state.alerts
    .filter((alert) => state.now_ms - alert.last_ms < ALERT_SHOWN_MS)
    .sort((a, b) => b.last_ms - a.last_ms)
    .map((alert) => ({
      level: alert.level,
      text: alert.text[0].toUpperCase() + alert.text.slice(1),
      when: (alert.count > 1 ? times(alert.count) + ', last ' : '') + duration(Math.max(0, state.now_ms - alert.last_ms)) + ' ago',
    }));
}

function problemsOf(state) {
  const found = [];
  if (!state.ready) found.push({ level: 'error', text: `Kafka does not answer: ${state.why}.` });
  if (state.totals.waiting) found.push({ level: 'error', text: `${counted(state.totals.waiting, 'client is', 'clients are')} held until a broker can be reached.` });
  return found.concat(errorProblems(state), alertProblems(state));
}

function showProblems(found) {
  const lines = found.length ? found : [{ level: 'good', text: 'None: Kafka answers, and nothing went wrong in the last ten minutes.' }];
  const words = { error: 'Broken:', warn: 'Look:', good: '' };
  const list = byId('problem-list');
  while (list.children.length > lines.length) list.lastChild.remove();
  lines.forEach((line, i) => {
    const item = list.children[i] ?? list.appendChild(element('li'));
    if (item.className !== line.level || item.dataset.text !== line.text) {
      item.className = line.level;
      item.dataset.text = line.text;
      item.replaceChildren(element('b', {}, words[line.level]), line.text, ' ', element('span', { class: 'when', 'aria-live': 'off' }));
    }
    setText(item.lastChild, line.when ?? '');
  });
}

// ---- at a glance

const requestsOf = (state) => sum(state.apis, 'requests');
const tiles = [
  { title: 'Clients', text: (state) => whole(state.totals.open), more: (state) => whole(state.totals.accepted) + ' in all', of: (i) => updates[i].totals.open },
  { title: 'Requests', text: (state, rate) => perSecond(rate), more: (state) => whole(requestsOf(state)) + ' in all', of: (i) => totalRate(i, requestsOf) },
  { title: 'From clients', text: (state, rate) => bytes(rate) + '/s', more: (state) => bytes(state.totals.in) + ' in all', of: (i) => totalRate(i, (one) => one.totals.in) },
  { title: 'To clients', text: (state, rate) => bytes(rate) + '/s', more: (state) => bytes(state.totals.out) + ' in all', of: (i) => totalRate(i, (one) => one.totals.out) },
  { title: 'Errors in answers', text: (state, rate) => perSecond(rate), more: (state) => whole(sum(state.errors, 'count')) + ' in all', of: (i) => totalRate(i, (one) => sum(one.errors, 'count')) },
  { title: 'Held for slow readers', text: (state) => bytes(state.totals.held), more: (state) => counted(state.totals.dial_failures, 'failed dial', 'failed dials'), of: (i) => updates[i].totals.held },
  { title: 'kbridge itself', text: (state, rate) => (rate / 1e4).toFixed(1) + ' % CPU', more: (state) => bytes(state.totals.resident) + ' of memory', of: (i) => totalRate(i, (one) => one.totals.cpu_us) },
];

function sparkline(values) {
  const most = Math.max(...values, 1e-9);
  return values.map((value, i) => `${i ? 'L' : 'M'}${((100 * (UPDATES_KEPT - values.length + i)) / (UPDATES_KEPT - 1)).toFixed(1)} ${(29 - (26 * value) / most).toFixed(1)}`).join('');
}

function makeTiles() {
  for (const tile of tiles) {
    const path = document.createElementNS('http://www.w3.org/2000/svg', 'path');
    const picture = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
    picture.setAttribute('viewBox', '0 0 100 30');
    picture.setAttribute('preserveAspectRatio', 'none');
    picture.setAttribute('aria-hidden', 'true');
    picture.append(path);
    Object.assign(tile, { path, strong: element('strong', {}, '–'), em: element('em') });
    byId('tiles').append(element('li', {}, element('span', {}, tile.title), tile.strong, tile.em, picture));
  }
}

function showTiles(state) {
  for (const tile of tiles) {
    const values = updates.map((_, i) => tile.of(i));
    setText(tile.strong, tile.text(state, values.at(-1)));
    setText(tile.em, tile.more(state));
    tile.path.setAttribute('d', sparkline(values));
  }
}

// ---- all of it

function showHead(state) {
  const pill = byId('ready');
  pill.className = 'pill ' + (state.ready ? 'good' : 'bad');
  setText(pill, state.ready ? 'Kafka answers' : 'Kafka does not answer');
  setText(byId('about'), 'in front of ' + state.upstream.join(', '));
  setText(byId('cluster-name'), state.cluster ? 'cluster ' + state.cluster : '');
  const more = state.totals.open - state.connections.length;
  setText(byId('connection-count'), more > 0 ? `${whole(state.totals.open)}, the newest ${whole(state.connections.length)} are shown` : whole(state.totals.open));
  setText(byId('version'), 'kbridge ' + state.version);
  document.title = (state.ready ? '' : '▲ ') + 'kbridge';
}

function show() {
  const state = latest();
  if (!state) return;
  showHead(state);
  showProblems(problemsOf(state));
  showTiles(state);
  showTable('brokers', brokerRows(state));
  showTable('told', toldRows(state));
  showTable('clients', clientRows(state));
  showTable('topics', rated('topics', 'name', 'produced', 'fetched'));
  showTable('connections', connectionRows());
  showTable('apis', apiRows(state));
}

let events = null;

function listen(query = {}) {
  events?.close();
  events = new EventSource(address('api/events', query));
  events.addEventListener('state', (event) => {
    updates.push(JSON.parse(event.data));
    if (updates.length > UPDATES_KEPT) updates.shift();
    show();
  });
  events.addEventListener('open', () => traffic.shows && !traffic.stops && noteTraffic(GOES_ON));
  events.addEventListener('traffic', (event) => addTraffic(JSON.parse(event.data)));
  events.addEventListener('error', () => {
    const pill = byId('ready');
    pill.className = 'pill bad';
    setText(pill, 'kbridge does not answer; trying again');
  });
}

for (const [name, description] of Object.entries(tables)) makeTable(name, description);
makeTiles();
makeTraffic();
listenToTraffic();
byId('connection-filter').addEventListener('input', show);
listen();
