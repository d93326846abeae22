// What the body is told: keys, mouse, gamepad and thumbs added up into one command for each moment. A key that is let go before
// the world has taken it counts until then, so that no tap is lost, however short.
import { bind } from './bindings.js';
import { Gamepads } from './gamepad.js';

const mouseTurn = 0.022;
const mostTurn = 4;

/** Events: act (somebody moves the body). */
export class Input extends EventTarget {
  #connection;
  #bindings = [];
  #held = new Set();
  #letGo = new Map();
  #axes = { ahead: 0, aside: 0, turn: 0 };
  #buttons = new Set();
  #turnLeft = 0;
  #turnNow = 0;
  #pads = new Gamepads();
  #last = '';
  #sequence = 0;
  #applied = 0;
  #isAsleep = true;

  constructor(connection) {
    super();
    this.#connection = connection;
    addEventListener('blur', () => this.release());
    document.addEventListener('visibilitychange', () => document.hidden && this.release());
  }

  /** Takes the body of a world. */
  embody(schema) {
    this.#bindings = bind(schema);
    this.#held.clear();
    this.#letGo.clear();
    this.#last = '';
    this.#sequence = 0;
    this.#applied = 0;
  }

  get bindings() {
    return this.#bindings;
  }

  /** Whether what is done here reaches the world; an occupant may have the body. */
  set isAsleep(value) {
    if (value === this.#isAsleep) {
      return; // Said again and again, nothing new: a command sent once more would make a key that was let go count once more.
    }

    this.#isAsleep = value;
    this.#last = '';
    if (!value) {
      this.#send();
    }
  }

  /** Whether a key moves this body. */
  knows(code) {
    return this.#bindings.some(({ parts }) => parts.some(part => part.more.includes(code) || part.less?.includes(code)));
  }

  press(code) {
    this.#letGo.delete(code);
    this.#held.add(code);
    this.#acted();
  }

  lift(code) {
    if (!this.#held.has(code)) {
      return;
    }

    if (this.#applied >= this.#sequence) {
      this.#held.delete(code);
    } else {
      this.#letGo.set(code, this.#sequence);
    }

    this.#send();
  }

  /** Lets everything go, as when the window is left. */
  release() {
    this.#held.clear();
    this.#letGo.clear();
    this.#buttons.clear();
    this.#axes = { ahead: 0, aside: 0, turn: 0 };
    this.#turnLeft = 0;
    this.#send();
  }

  /** Turns by so many pixels of a mouse or a finger, spread over moments as the body can. */
  look(pixels) {
    this.#turnLeft = Math.max(-mostTurn, Math.min(mostTurn, this.#turnLeft + (pixels * mouseTurn)));
    this.#acted();
  }

  /** Moves an axis to a place between -1 and 1, as thumbs do. */
  lean(axis, value) {
    this.#axes[axis] = value;
    this.#acted();
  }

  /** Holds or lets go of a button that is no key. */
  hold(button, isDown) {
    if (isDown) {
      this.#held.add(button);
      this.#letGo.delete(button);
      this.#acted();
    } else {
      this.lift(button);
    }
  }

  /** A moment has come that follows the command of this number. */
  moment(applied) {
    this.#applied = applied;
    for (const [code, sequence] of this.#letGo) {
      if (applied >= sequence) {
        this.#letGo.delete(code);
        this.#held.delete(code);
      }
    }

    if (this.#pads.read()) {
      this.#acted();
    }

    this.#turnNow = Math.max(-1, Math.min(1, this.#turnLeft));
    this.#turnLeft -= this.#turnNow;
    this.#send();
  }

  #acted() {
    this.dispatchEvent(new Event('act'));
    this.#send();
  }

  #send() {
    if (this.#isAsleep || this.#bindings.length === 0) {
      return;
    }

    const motor = {};
    for (const { channel, parts } of this.#bindings) {
      motor[channel.name] = channel.kind === 'category'
        ? parts.find(part => this.#isDown(part))?.choice ?? 0
        : parts.map(part => this.#value(part));
    }

    const text = JSON.stringify(motor);
    if (text !== this.#last) {
      const sequence = this.#connection.command(motor);
      if (sequence > 0) {
        this.#sequence = sequence;
        this.#last = text;
        this.dispatchEvent(new CustomEvent('sent', { detail: sequence }));
      }
    }
  }

  #isDown(part) {
    return part.more.some(code => this.#held.has(code)) || (part.button !== undefined && (this.#held.has(part.button) || this.#pads.isDown));
  }

  #value(part) {
    let value = (part.more.some(code => this.#held.has(code)) ? 1 : 0) - (part.less.some(code => this.#held.has(code)) ? 1 : 0);
    if (part.axis) {
      const sign = part.sign ?? 1;
      value += sign * (this.#axes[part.axis] + this.#pads.axes[part.axis]);
      value += part.axis === 'turn' ? this.#turnNow : 0;
    }

    value = Math.max(-1, Math.min(1, value));
    // Between the middle of what is possible and its ends, so that rest is rest where it can be.
    const rest = Math.max(part.least, Math.min(part.most, 0));
    return Math.round((value < 0 ? rest + (value * (rest - part.least)) : rest + (value * (part.most - rest))) * 1000) / 1000;
  }
}
