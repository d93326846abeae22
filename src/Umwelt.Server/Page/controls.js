// Buttons, fields and keys of the page: what they are called, what they say to the server, and how they look while the world
// is as it is. What is true comes from the server's `state`; a button that was pressed changes when that arrives.
import { HelpDialog } from './help.js';
import { Panel } from './panel.js';

const rare = 5;
const find = id => document.getElementById(id);

export class Controls {
  /** Whether the server shows a training. */
  hasTraining = false;
  #connection;
  #sound;
  #panel = new Panel(find('panel'), find('toggle-panel'), find('close-panel'), find('shade'));
  #help = new HelpDialog(find('help-dialog'));
  #state = { paused: false, speed: 1, acting: null, recording: null };
  #occupant = null;
  #worlds = [];
  #rewardTimer = 0;
  #unrewarded = 0;

  constructor(connection, sound, { begin, keep, back, fork, letGo, toggleFull }) {
    this.#connection = connection;
    this.#sound = sound;
    const send = message => this.#connection.send(message);
    const press = id => () => !find(id).disabled && find(id).click();

    this.#on('pause', 'Pause', 'P', () => send({ type: this.#state.paused ? 'resume' : 'pause' }));
    this.#on('step', 'One moment', 'N', () => send({ type: 'step' }));
    this.#on('reset', 'Begin again', 'R', () => send({ type: 'reset' }));
    this.#on('act', 'Let it act', 'O', () => send({ type: 'act', occupant: this.#state.acting ? null : this.#occupant }));
    this.#on('keep', 'Keep this moment (B goes back)', 'K', keep);
    this.#on('fork', 'Two futures of this moment', 'Y', fork);
    this.#on('record', 'Record', 'C', () => send({ type: 'record', on: !this.#state.recording }));
    this.#on('sound', 'Sound', 'M', () => sound.toggle());
    this.#on('full', 'Full screen', 'F', toggleFull);
    this.#on('help', 'Help', 'H', () => this.#help.toggle());
    this.#on('toggle-panel', 'Details', 'I', () => this.#panel.toggle());
    this.commands = {
      p: press('pause'), n: press('step'), '.': press('step'), r: press('reset'), o: press('act'), k: press('keep'), b: back, y: press('fork'), g: letGo,
      c: press('record'), m: press('sound'), f: press('full'), h: press('help'), '?': press('help'), i: press('toggle-panel'),
      escape: () => this.#panel.close(),
    };

    find('speed').addEventListener('change', event => send({ type: 'speed', value: Number(event.target.value) }));
    find('occupant').addEventListener('change', event => send({ type: 'act', occupant: event.target.value || null }));
    find('world').addEventListener('change', event => begin(event.target.value, this.#seed));
    find('choose').addEventListener('submit', event => {
      event.preventDefault();
      if (this.#connection.hello?.world === find('world').value) {
        send({ type: 'reset', seed: Number(this.#seed) });
        const query = new URLSearchParams(location.search);
        query.set('world', find('world').value);
        query.set('seed', this.#seed);
        history.replaceState(null, '', `?${query}`);
      } else {
        begin(find('world').value, this.#seed);
      }

      find('stage').focus({ preventScroll: true });
    });
    sound.addEventListener('change', () => this.#showSound());
    document.addEventListener('fullscreenchange', () => name('full', document.fullscreenElement ? 'Leave the full screen' : 'Full screen', 'F'));
    this.close();
    this.#showSound();
  }

  /** The world that is chosen. */
  get world() {
    return find('world').value || (this.#worlds[0]?.name ?? '');
  }

  /** Whether the truth runs beside a world of this name. */
  hasTruth(world) {
    return this.#worlds.some(({ name, truth }) => name === world && truth);
  }

  get #seed() {
    return find('seed').value.trim() || '1';
  }

  /** Asks which worlds there are; where nobody answers, the connection will say why. */
  async list(wanted, seed) {
    try {
      const response = await fetch(new URL('worlds', document.baseURI), { cache: 'no-store' });
      const body = response.ok ? await response.json() : [];
      this.hasTraining = body.training === true;
      this.#worlds = (Array.isArray(body) ? body : body.worlds ?? []).map(world => typeof world === 'string' ? { name: world } : world);
    } catch {
      this.#worlds = [];
    }

    find('world').replaceChildren(...this.#worlds.map(({ name, summary }) => option(name, name, summary)));
    this.#choose(wanted ?? this.#worlds[0]?.name);
    find('seed').value = seed ?? '1';
  }

  /** A world has let us in. */
  open(hello, bindings) {
    for (const button of document.querySelectorAll('.dock button, .dock select')) {
      button.disabled = false;
    }

    find('keep').disabled = find('fork').disabled = hello.keeps === false;
    this.#choose(hello.world);
    if (this.#worlds.length <= 1) {
      this.list(hello.world, String(hello.seed));
    }

    find('seed').value = hello.seed;
    // Whoever knows the place best comes first.
    this.#occupant = hello.occupants.find(name => name !== 'random' && name !== 'still') ?? hello.occupants[0] ?? null;
    find('occupant').replaceChildren(option('', 'you'), ...hello.occupants.map(name => option(name, name)));
    find('act').disabled = find('occupant').disabled = this.#occupant === null || bindings.length === 0;
    find('place').textContent = hello.world;
    const isHouse = hello.world.split(/[:?]/u)[0] === 'house';
    this.#help.describe(hello, bindings, isHouse);
    find('thumbs').hidden = bindings.length === 0;
    find('thumb-use').hidden = !bindings.some(({ parts }) => parts.some(part => part.button));
    find('thumb-look').classList.toggle('is-absent', !bindings.some(({ parts }) => parts.some(part => part.axis === 'turn')));
    this.#showSound();
    this.#help.greet();
  }

  /** Nobody answers; what is pressed would do nothing. */
  close() {
    for (const button of document.querySelectorAll('.dock button, .dock select')) {
      button.disabled = true;
    }
  }

  /** The server says how things are; returns whether a recording has ended. */
  state(state) {
    const hasEnded = Boolean(this.#state.recording) && !state.recording;
    this.#state = state;
    draw('pause', state.paused ? 'icon-play' : 'icon-pause');
    name('pause', state.paused ? 'Go on' : 'Pause', 'P');
    find('speed').value = String(state.speed);
    find('act').setAttribute('aria-pressed', String(Boolean(state.acting)));
    name('act', state.acting ? 'Act yourself' : `Let the ${this.#occupant} act`, 'O');
    find('record').setAttribute('aria-pressed', String(Boolean(state.recording)));
    name('record', state.recording ? 'End the recording' : 'Record', 'C');
    find('occupant').value = state.acting ?? '';
    if (document.activeElement !== find('seed')) {
      find('seed').value = state.seed;
    }

    const badges = [
      state.paused ? 'paused' : '', state.truth && state.given?.length > 0 ? 'awake' : '', state.acting ? `${state.acting} acts` : '', state.replaying ? 'replay' : '', state.recording ? 'recording' : '',
    ].filter(Boolean);
    find('badge').textContent = badges.join(' · ');
    find('badge').hidden = badges.length === 0;
    find('badge').classList.toggle('is-recording', Boolean(state.recording));
    return hasEnded;
  }

  /** A moment came; a reward that is not there all the time is shown for a while. */
  moment(moment, reward) {
    if (Math.abs(reward) < 0.05) {
      this.#unrewarded++;
      return;
    }

    if (this.#unrewarded > rare) {
      find('reward').textContent = `${reward > 0 ? '+' : '−'}${Math.abs(reward).toFixed(Number.isInteger(reward) ? 0 : 2)}`;
      find('reward').classList.add('is-shown');
      clearTimeout(this.#rewardTimer);
      this.#rewardTimer = setTimeout(() => find('reward').classList.remove('is-shown'), 1600);
    }

    this.#unrewarded = 0;
  }

  /** Somebody moves the body: whoever had it gives it back. */
  takeOver() {
    this.#help.leave();
    if (this.#state.acting || this.#state.replaying) {
      this.#state = { ...this.#state, acting: null, replaying: null };
      this.#connection.send({ type: 'act', occupant: null });
    }
  }

  #choose(world) {
    const list = find('world');
    if (world && ![...list.options].some(({ value }) => value === world)) {
      list.append(option(world, world));
    }

    list.value = world ?? '';
  }

  #showSound() {
    const { state } = this.#sound;
    const button = find('sound');
    draw('sound', state === 'on' ? 'icon-sound' : 'icon-mute');
    button.disabled = state === 'none';
    button.classList.toggle('is-waiting', state === 'blocked');
    name('sound', {
      none: 'This world is silent',
      off: 'Switch sound on',
      blocked: 'Sound waits for a key or a click: browsers are silent until then',
      on: 'Switch sound off',
    }[state], 'M');
  }

  #on(id, label, key, action) {
    name(id, label, key);
    find(id).addEventListener('click', action);
  }
}

function name(id, label, key) {
  const button = find(id);
  button.setAttribute('aria-label', label);
  button.title = `${label}  ·  ${key}`;
}

function draw(id, icon) {
  find(id).querySelector('use').setAttribute('href', `#${icon}`);
}

function option(value, text, title = '') {
  const made = document.createElement('option');
  made.value = value;
  made.textContent = text;
  made.title = title;
  return made;
}
