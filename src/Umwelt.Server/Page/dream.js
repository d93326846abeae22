// What can be done with a dream and with no other world: let it go or wake it, give it single senses or take them away, say what
// the next moment holds, ask what a moment would be, and choose what it begins with. How surprising the truth is stands beside
// each sense.
import { plot } from './plot.js';

const history = 60;
const interval = 250;
const choices = [['given', 'truth', 'it senses what is true'], ['dreamed', 'dream', 'it makes it up'], ['held', 'none', 'darkness, silence, no word']];

const find = id => document.getElementById(id);

export class DreamControls {
  #connection;
  #notices;
  #hello = null;
  #rows = [];
  #state = { given: [], held: [], truth: false };
  #onAnswer = null;

  constructor(connection, notices, begin) {
    this.#connection = connection;
    this.#notices = notices;
    find('let-go').addEventListener('click', () => this.letGo());
    find('say').addEventListener('submit', event => {
      event.preventDefault();
      const isAsking = event.submitter?.id === 'imagine';
      this.#say(find('words').value.trim(), isAsking);
    });
    find('from').addEventListener('change', event => begin(event.target.value));
    find('starts').addEventListener('click', event => {
      const start = event.target.closest('button')?.dataset.start;
      if (start) {
        begin(start);
      }
    });
    setInterval(() => this.#update(), interval);
  }

  get isOpen() {
    return this.#hello !== null;
  }

  /** Whether what is seen is true. */
  isGiven(channel) {
    return this.#state.truth && this.#state.given.includes(channel);
  }

  /** Takes a world; it may be no dream. */
  open(hello) {
    this.#hello = hello.dream ? hello : null;
    for (const id of ['senses-choice-card', 'say-card']) {
      find(id).hidden = !this.isOpen;
    }

    find('from').hidden = find('from-name').hidden = !this.isOpen;
    find('let-go').hidden = !hello.dream?.truth;
    find('imagined').hidden = true;
    this.#rows = [];
    find('senses-choice').replaceChildren();
    if (!this.isOpen) {
      find('starts-card').hidden = true;
      return;
    }

    const senses = hello.schema.channels.map((channel, index) => ({ channel, index })).filter(({ channel }) => channel.role.toLowerCase() === 'sense');
    this.#rows = senses.map(({ channel, index }) => this.#row(channel, index));
    find('say-card').hidden = !senses.some(({ channel }) => channel.kind === 'text');
    this.#offer(hello);
  }

  /** The server says how things are. */
  state(state) {
    if (!this.isOpen) {
      return;
    }

    this.#state = { given: state.given ?? [], held: state.held ?? [], truth: Boolean(state.truth), from: state.from };
    for (const { channel, radios, track } of this.#rows) {
      const chosen = this.#state.held.includes(channel.name) ? 'held' : this.isGiven(channel.name) ? 'given' : 'dreamed';
      for (const radio of radios) {
        radio.checked = radio.value === chosen;
        radio.disabled = radio.value === 'given' && !this.#state.truth;
      }

      track.hidden = !this.#state.truth;
    }

    const isAwake = this.#isAwake;
    const button = find('let-go');
    button.disabled = !this.#state.truth;
    button.setAttribute('aria-pressed', String(isAwake));
    const label = !this.#state.truth ? 'The truth does not run beside this dream' : isAwake ? 'Let go: from now on it dreams alone' : 'Wake up: sense what is true again';
    button.setAttribute('aria-label', label);
    button.title = `${label}  ·  G`;
    find('let-go-name').textContent = isAwake ? 'let go' : 'wake up';
    find('from').value = this.#state.from ?? '';
    for (const start of find('starts').querySelectorAll('button')) {
      start.setAttribute('aria-current', String(start.dataset.start === this.#state.from));
    }
  }

  /** Lets it dream alone, or gives it every sense again. */
  letGo() {
    if (this.isOpen && this.#state.truth) {
      const all = this.#hello.schema.channels.filter(channel => channel.role.toLowerCase() !== 'motor').map(channel => channel.name);
      this.#connection.send({ type: 'senses', given: this.#isAwake ? [] : all, held: [] });
    }
  }

  /** Takes the surprise of a moment, channel by channel. */
  moment(moment) {
    for (const row of this.#rows) {
      row.latest = moment.surprise?.[row.index] ?? NaN;
    }
  }

  /** A question was answered: shows what was imagined. */
  answer(moment, picture) {
    const place = find('imagined');
    place.replaceChildren();
    if (picture) {
      place.append(picture);
    }

    const words = document.createElement('figcaption');
    words.textContent = Object.values(moment).filter(value => typeof value === 'string' && value.trim()).join(' · ') || 'no words';
    place.append(words);
    place.hidden = false;
  }

  get #isAwake() {
    return this.#state.truth && this.#state.given.length > 0;
  }

  get #textSense() {
    return this.#hello?.schema.channels.find(channel => channel.role.toLowerCase() === 'sense' && channel.kind === 'text')?.name;
  }

  #say(text, isAsking) {
    if (!this.isOpen || text === '') {
      find('words').focus();
      return;
    }

    const given = { [this.#textSense]: text };
    this.#connection.send(isAsking ? { type: 'ask', given, forget: true } : { type: 'clamp', given });
    if (!isAsking) {
      this.#notices.pass(`The next moment holds “${text}”.`);
    }
  }

  #choose(name, choice) {
    const without = list => list.filter(other => other !== name);
    let given = without(this.#state.given);
    let held = without(this.#state.held);
    if (choice === 'given') {
      given = [...given, name];
    } else if (choice === 'held') {
      held = [...held, name];
    }

    // What belongs to no sense, such as reward, is true as long as any sense is.
    const others = this.#hello.schema.channels.filter(channel => !['sense', 'motor'].includes(channel.role.toLowerCase())).map(channel => channel.name);
    const senses = given.filter(other => !others.includes(other));
    this.#connection.send({ type: 'senses', given: senses.length > 0 ? [...senses, ...others] : [], held });
  }

  #row(channel, index) {
    const row = document.createElement('fieldset');
    const name = document.createElement('legend');
    name.textContent = channel.name;
    const options = document.createElement('span');
    options.className = 'options';
    const radios = choices.map(([value, label, title]) => {
      const radio = document.createElement('input');
      radio.type = 'radio';
      radio.name = `sense-${index}`;
      radio.value = value;
      radio.addEventListener('change', () => this.#choose(channel.name, value));
      const wrap = document.createElement('label');
      wrap.title = title;
      wrap.append(radio, label);
      options.append(wrap);
      return radio;
    });
    const track = document.createElement('span');
    track.className = 'surprise';
    const canvas = document.createElement('canvas');
    canvas.setAttribute('aria-hidden', 'true');
    const number = document.createElement('output');
    number.title = channel.kind === 'text' || channel.kind === 'category' ? 'how surprising the truth is, in nats' : 'how surprising the truth is, as an error';
    track.append(canvas, number);
    row.append(name, options, track);
    find('senses-choice').append(row);
    return { channel, index, radios, track, canvas, number, values: [], latest: NaN };
  }

  #update() {
    for (const row of this.#rows) {
      row.values.push(row.latest);
      if (row.values.length > history) {
        row.values.shift();
      }

      const text = Number.isFinite(row.latest) ? row.latest.toFixed(row.latest < 10 ? 2 : 0) : '–';
      if (row.number.textContent !== text) {
        row.number.textContent = text;
      }

      plot(row.canvas, row.values, { from: 0, history });
    }
  }

  // What a dream can begin with: a list of names, and a picture for each recorded moment.
  #offer({ world, dream }) {
    const names = { life: 'after a short life', truth: 'awake', nothing: 'with nothing' };
    find('from').replaceChildren(...dream.starts.map(start => {
      const option = document.createElement('option');
      option.value = start;
      option.textContent = names[start] ?? `recorded moment ${Number(start) + 1}`;
      return option;
    }));
    const recorded = dream.starts.filter(start => !(start in names));
    find('starts-card').hidden = recorded.length === 0;
    find('starts').replaceChildren(...recorded.map(start => {
      const item = document.createElement('li');
      const button = document.createElement('button');
      button.type = 'button';
      button.dataset.start = start;
      const picture = document.createElement('img');
      picture.alt = `Begin at recorded moment ${Number(start) + 1}`;
      picture.loading = 'lazy';
      picture.src = new URL(`starts/${start}?${new URLSearchParams({ world })}`, document.baseURI);
      button.append(picture);
      item.append(button);
      return item;
    }));
  }
}
