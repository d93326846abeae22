// How the world runs: moments a second, the time that one takes, the delay from a key to the picture that shows it, loudness
// and reward. Numbers change twice a second, so that they can be read; the lines behind them show the last half minute.
import { plot } from './plot.js';

const interval = 500;
const history = 60;

const rows = [
  { id: 'rate', name: 'moments a second', digits: 1, from: 0 },
  { id: 'step', name: 'one moment takes', unit: 'ms', digits: 2, from: 0 },
  { id: 'delay', name: 'key to picture', unit: 'ms', digits: 0, from: 0 },
  { id: 'sound', name: 'sound', unit: 'dB', digits: 0, from: -60 },
  { id: 'reward', name: 'reward', digits: 2 },
];

export class Meters {
  #rows = new Map();
  #count = 0;
  #since = performance.now();
  #steps = [];
  #loudest = null;
  #sent = new Map();
  #applied = 0;
  #delays = [];
  #reward = 0;

  constructor(list) {
    for (const row of rows) {
      const name = document.createElement('dt');
      name.textContent = row.name;
      const value = document.createElement('dd');
      const number = document.createElement('span');
      number.id = `meter-${row.id}`;
      number.textContent = '–';
      const canvas = document.createElement('canvas');
      canvas.setAttribute('aria-hidden', 'true');
      value.append(canvas, number);
      list.append(name, value);
      this.#rows.set(row.id, { ...row, number, canvas, values: [] });
    }

    setInterval(() => this.#update(), interval);
  }

  /** Begins anew, as in another world. */
  clear() {
    this.#sent.clear();
    this.#delays = [];
    this.#steps = [];
    this.#reward = 0;
    this.#count = 0;
  }

  /** A command went out. */
  sent(sequence) {
    this.#sent.set(sequence, performance.now());
    if (this.#sent.size > 256) {
      this.#sent.delete(this.#sent.keys().next().value);
    }
  }

  /** A moment came in. */
  moment(moment, reward, levels) {
    this.#count++;
    this.#steps.push(moment.stepTime);
    this.#loudest = levels.length > 0 ? Math.max(this.#loudest ?? 0, ...levels) : null;
    this.#applied = moment.applied;
    this.#reward = (moment.isFirst ? 0 : this.#reward) + reward;
  }

  /** The picture of the last moment is on the screen. */
  drawn() {
    const now = performance.now();
    for (const [sequence, time] of this.#sent) {
      if (sequence > this.#applied) {
        break;
      }

      this.#delays.push(now - time);
      this.#sent.delete(sequence);
    }
  }

  get reward() {
    return this.#reward;
  }

  #update() {
    const now = performance.now();
    this.#show('rate', this.#count * 1000 / (now - this.#since));
    this.#show('step', middle(this.#steps));
    this.#show('delay', middle(this.#delays));
    this.#show('sound', this.#loudest !== null ? Math.max(-60, 20 * Math.log10(Math.max(1e-6, this.#loudest))) : NaN);
    this.#show('reward', this.#reward);
    this.#count = 0;
    this.#since = now;
    this.#steps = [];
    this.#loudest = null;
    // A delay is measured only when something is pressed; it stays until there is a newer one.
    this.#delays = this.#delays.slice(-8);
  }

  #show(id, value) {
    const row = this.#rows.get(id);
    row.values.push(value);
    if (row.values.length > history) {
      row.values.shift();
    }

    const text = Number.isFinite(value) ? `${id === 'sound' && value <= -60 ? 'quiet' : value.toFixed(value < 10 ? row.digits : Math.min(1, row.digits))}` : '–';
    const shown = text === '–' || text === 'quiet' || !row.unit ? text : `${text} ${row.unit}`;
    if (row.number.textContent !== shown) {
      row.number.textContent = shown;
    }

    plot(row.canvas, row.values, { from: row.from, history });
  }
}

function middle(values) {
  return values.length === 0 ? NaN : [...values].sort((a, b) => a - b)[values.length >> 1];
}
