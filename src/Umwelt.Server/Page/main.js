// Steps inside: joins the line to the server with what shows a moment and what moves the body. Everything that happens on the
// page passes through here, and nothing is done here that has a place of its own.
import { Captions } from './captions.js';
import { Comparison } from './comparison.js';
import { Connection } from './connection.js';
import { Controls } from './controls.js';
import { DreamControls } from './dream.js';
import { Futures } from './futures.js';
import { Input } from './input.js';
import { Keepsakes } from './keepsakes.js';
import { attachKeyboard } from './keyboard.js';
import { Meters } from './meters.js';
import { Learning } from './learning.js';
import { loadMoment, saveMoment } from './moment-file.js';
import { Minimap } from './minimap.js';
import { Notices } from './notices.js';
import { Picture } from './picture.js';
import { attachPad, attachPointer } from './pointer.js';
import { Recordings } from './recordings.js';
import { Senses } from './senses.js';
import { Sound } from './sound.js';
import { Stage } from './stage.js';

const find = id => document.getElementById(id);
const stillAfter = 4000;

const connection = new Connection();
const stage = new Stage(find('views'), find('glow'));
const sound = new Sound();
const captions = new Captions(find('captions'), find('spoken'));
const minimap = new Minimap(find('map'));
const meters = new Meters(find('meters'));
const senses = new Senses(find('senses'));
const notices = new Notices(find('notices'));
const recordings = new Recordings(find('recordings'), find('recordings-card'), id => connection.send({ type: 'replay', id }));
const keepsakes = new Keepsakes(find('kept'), find('kept-card'), id => connection.send({ type: 'return', id }), id => connection.send({ type: 'save', id }));
const comparison = new Comparison(stage, find('compare'), find('mix'));
const futures = new Futures(stage, find('futures'), connection);
const dream = new DreamControls(connection, notices, beginAt);
const learning = new Learning(world => begin(world, '1', controls.hasTruth(world) ? 'truth' : null));
const input = new Input(connection);
const controls = new Controls(connection, sound, {
  begin,
  keep,
  back: () => keepsakes.back() || notices.pass('Nothing is kept yet: K keeps this moment.'),
  fork: () => futures.next(),
  letGo: () => dream.letGo(),
  toggleFull,
});

let roles = { sight: [], hearing: -1, words: [], reward: [] };
let schema = null;
let session = null;
let lastMoment = 0;
let isPaused = false;

function begin(world, seed, from = null) {
  const query = new URLSearchParams(location.search);
  for (const [name, value] of Object.entries({ world, seed, from })) {
    value === null || value === '' ? query.delete(name) : query.set(name, value);
  }

  query.delete('token');
  history.replaceState(null, '', query.size > 0 ? `?${query}` : location.pathname);
  notices.clear();
  connection.begin(world, seed, from);
}

// Begins the same dream again, with something else in its memory.
function beginAt(from) {
  const query = new URLSearchParams(location.search);
  query.set('from', from);
  history.replaceState(null, '', `?${query}`);
  connection.send({ type: 'reset', from });
  find('stage').focus({ preventScroll: true });
}

function keep() {
  if (connection.isOpen) {
    keepsakes.expect(stage.main?.thumbnail() ?? null, minimap.describe().split(',')[0]);
    connection.send({ type: 'keep' });
  }
}

async function toggleFull() {
  try {
    await (document.fullscreenElement ? document.exitFullscreen() : find('stage').requestFullscreen());
  } catch {
    notices.pass('This browser does not show pages on the full screen.');
  }
}

function open(hello) {
  notices.clear();
  const channels = hello.schema.channels;
  const withRole = (role, kind) => channels.map((channel, index) => ({ channel, index })).filter(({ channel }) => channel.role.toLowerCase() === role && (!kind || channel.kind === kind));
  input.embody(hello.schema);
  if (session !== hello.session) {
    session = hello.session;
    find('senses-card').append(find('senses'));
    stage.clear();
    comparison.close();
    schema = hello.schema;
    // Of a dream the first picture is compared with the truth.
    const show = (channel, i) => hello.dream && i === 0 ? comparison.open(channel, hello.world) : stage.add(channel, hello.world);
    roles = {
      sight: withRole('sense', 'image').map(({ channel, index }, i) => ({ index, channel, picture: show(channel, i) })),
      hearing: withRole('sense', 'sound')[0]?.index ?? -1,
      words: withRole('sense', 'text').map(({ index }) => index),
      reward: withRole('reward').map(({ index }) => index),
    };
    const numbers = senses.open(hello.schema);
    // A world that is not seen is shown by its numbers, in the middle of the stage.
    const isSeen = roles.sight.length > 0;
    (isSeen ? find('senses-card') : find('views')).append(find('senses'));
    find('senses-card').hidden = numbers === 0 || !isSeen;
    sound.listen(roles.hearing >= 0 ? channels[roles.hearing] : null, hello.rate);
    futures.open(roles.sight[0]?.channel ?? null);
    keepsakes.clear();
    meters.clear();
    captions.clear();
    captions.say(`You are in ${hello.world}.`);
  }

  dream.open(hello);
  keepsakes.isPossible = hello.keeps !== false;
  minimap.open(hello.map);
  find('map-card').hidden = !minimap.isOpen;
  document.body.dataset.world = hello.world;
  controls.open(hello, input.bindings);
  learning.world = hello.world;
  recordings.world = hello.world;
  recordings.refresh();
  lastMoment = performance.now();
}

function show(moment) {
  lastMoment = performance.now();
  if (notices.code === 'still') {
    notices.clear();
  }

  const { values } = moment;
  roles.sight.forEach(({ index, channel, picture }, i) => {
    if (i === 0) {
      futures.moment(moment.number, values[index]);
    }

    if (i === 0 && comparison.isOpen) {
      comparison.show(values[index], moment.beside?.[index] ?? null, dream.isGiven(channel.name));
    } else if (values[index]) {
      picture.show(values[index]);
    }
  });
  dream.moment(moment);

  if (roles.hearing >= 0 && values[roles.hearing]) {
    sound.play(values[roles.hearing]);
  }

  if (moment.isFirst) {
    captions.clear();
  }

  for (const index of roles.words) {
    captions.moment(moment.number, values[index]);
  }

  const reward = roles.reward.reduce((sum, index) => sum + (values[index]?.[0] ?? 0), 0);
  minimap.moment(moment.truth, moment.isFirst);
  senses.moment(values);
  meters.moment(moment, reward, roles.hearing >= 0 ? sound.levels : []);
  controls.moment(moment, reward);
  input.moment(moment.applied);
}

// What was imagined, as a picture to look at, where a picture is among it.
function imagined(moment) {
  const channel = schema?.channels.find(channel => channel.kind === 'image' && moment[channel.name]);
  if (!channel) {
    return null;
  }

  const picture = new Picture(channel, 'what it imagines');
  picture.show(Uint8Array.from(atob(moment[channel.name].base64), letter => letter.charCodeAt(0)));
  picture.draw();
  return picture.thumbnail();
}

function draw() {
  if (stage.draw()) {
    meters.drawn();
  }

  minimap.draw();
  senses.draw();
  requestAnimationFrame(draw);
}

connection.addEventListener('hello', event => open(event.detail));
connection.addEventListener('moment', event => show(event.detail));
connection.addEventListener('map', event => {
  minimap.open(event.detail.map);
  find('map-card').hidden = !minimap.isOpen;
});
connection.addEventListener('kept', ({ detail: { id } }) => futures.expects ? futures.kept(id) : keepsakes.add(id));
connection.addEventListener('saved', ({ detail: { name, file } }) => saveMoment(name, file));
connection.addEventListener('answer', ({ detail: { moment } }) => dream.answer(moment, imagined(moment)));
connection.addEventListener('state', ({ detail }) => {
  isPaused = detail.paused;
  dream.state(detail);
  sound.speed = isPaused ? 1 : detail.speed;
  input.isAsleep = Boolean(detail.acting) || Boolean(detail.replaying);
  if (controls.state(detail)) {
    recordings.ended();
  }
});
connection.addEventListener('replayed', ({ detail: { moments, compared, different } }) => notices.pass(
  different > 0 ? `Lived again: ${different} of ${compared} moments were not what they had been.`
  : `Lived again: ${moments} moments, ${compared > 0 ? 'every bit the same' : 'with nothing to compare them with'}. P goes on from here.`));
connection.addEventListener('refused', ({ detail }) => {
  if (detail.code === 'keep') {
    futures.expects ? futures.refuse() : keepsakes.refuse();
  }

  notices.pass(detail.message);
});
connection.addEventListener('closed', () => controls.close());
connection.addEventListener('problem', ({ detail }) => {
  const isToLearn = detail.code === 'learning' && learning.isStartable;
  notices.show(detail.code === 'learning' && !isToLearn ? 'preparing' : detail.code, {
    ...detail,
    action: isToLearn ? 'Let it learn' : detail.retryIn !== null ? 'Try now' : detail.code === 'idle' || detail.code === 'elsewhere' ? 'Come back' : 'Begin again',
    onAction: async () => {
      await (isToLearn && learning.start());
      connection.retry();
    },
  });
});
input.addEventListener('act', () => controls.takeOver());
input.addEventListener('sent', event => meters.sent(event.detail));

setInterval(() => {
  if (connection.isOpen && !isPaused && !document.hidden && performance.now() - lastMoment > stillAfter) {
    notices.show('still', { action: 'Begin again', onAction: () => connection.send({ type: 'reset' }) });
  }
}, 1000);

find('load').addEventListener('change', async ({ target }) => {
  const [file] = target.files;
  target.value = '';
  if (file) {
    const { resume, same, problem } = await loadMoment(file);
    if (problem) {
      notices.pass(problem);
      return;
    }

    connection.enter(resume);
    notices.pass(same ? 'This is the moment as it was; P goes on from here.' : 'This is not what it was: another model, or another version of the world.');
  }
});
attachPointer(find('stage'), input);
attachPad(find('thumb-move'), input, 'aside', 'ahead');
attachPad(find('thumb-look'), input, 'turn');
find('thumb-use').addEventListener('pointerdown', () => input.hold('use', true));
for (const type of ['pointerup', 'pointercancel', 'pointerleave']) {
  find('thumb-use').addEventListener(type, () => input.hold('use', false));
}

attachKeyboard(input, controls.commands);
// The first touch of any kind is what browsers wait for before they let a page be heard; of a finger it is its leaving that counts.
for (const type of ['pointerdown', 'pointerup', 'click', 'keydown']) {
  addEventListener(type, () => sound.state === 'blocked' && (navigator.userActivation?.isActive ?? true) && sound.unlock(), { capture: true, passive: true });
}

const asked = new URLSearchParams(location.search);
await controls.list(asked.get('world'), asked.get('seed'));
if (controls.hasTraining) {
  await learning.watch();
}

begin(asked.get('world') ?? controls.world, asked.get('seed') ?? '1', asked.get('from'));
requestAnimationFrame(draw);
