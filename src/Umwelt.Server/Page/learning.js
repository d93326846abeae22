// A training of the model that dreams here: its curve, how long it takes, and a button where it can be started. The dream itself
// becomes better by itself as better models are written.
import { plot } from './plot.js';

const interval = 2000;
const find = id => document.getElementById(id);

const states = {
  none: 'It has not begun to learn.',
  preparing: 'Getting ready: somebody lives in the world and is recorded, then learning begins.',
  running: 'It is learning, with what time others leave.',
  stopped: 'It has stopped learning and can go on.',
  done: 'It has learnt all it was meant to.',
  failed: 'Learning broke off.',
};

export class Learning {
  #begin;
  #training = null;
  #world = null;

  /** begin goes to a world by its name. */
  constructor(begin) {
    this.#begin = begin;
    find('learn').addEventListener('click', () => this.#ask({ on: !this.#training?.ours }));
    find('learn-enter').addEventListener('click', () => this.#begin(this.#training.dream));
  }

  /** Watches the server's training, which there is; done once it is known how it goes. */
  watch() {
    setInterval(() => document.hidden || this.#ask(), interval);
    return this.#ask();
  }

  /** Whether there is something to learn that nobody has begun. */
  get isStartable() {
    return Boolean(this.#training?.startable) && !this.#training.ours && ['none', 'stopped', 'failed'].includes(this.#training.state);
  }

  /** Starts it, or goes on with it. */
  start() {
    return this.#ask({ on: true });
  }

  /** The world one is in. */
  set world(name) {
    this.#world = name;
    this.#show();
  }

  async #ask(wish = null) {
    try {
      const response = await fetch(new URL('training', document.baseURI), wish
        ? { method: 'POST', body: JSON.stringify(wish), headers: { 'Content-Type': 'application/json' } }
        : { cache: 'no-store' });
      if (response.ok) {
        this.#training = await response.json();
      }
    } catch {
      // The notice about the server says why.
    }

    this.#show();
  }

  #show() {
    const training = this.#training;
    find('learning-card').hidden = !training;
    if (!training) {
      return;
    }

    say('learning-state', training.problem ? `${states.failed} ${training.problem}.` : states[training.state] ?? training.state);
    const isNew = training.state === 'none' || (training.state === 'preparing' && training.step === 0);
    find('learning-about').hidden = !isNew || !training.about;
    say('learning-about', training.about ?? '');
    say('learning-step', training.steps > 0 ? `${training.step.toLocaleString()} of ${training.steps.toLocaleString()} steps` : training.step > 0 ? `${training.step.toLocaleString()} steps` : '');
    say('learning-left', training.seconds_left === undefined ? '' : `${duration(training.seconds_left)} left`);
    const losses = training.losses.map(([, loss]) => Math.log(loss));
    const canvas = find('learning-curve');
    canvas.hidden = losses.length < 2;
    canvas.setAttribute('aria-label', losses.length > 1 ? `Loss, from ${training.losses[0][1].toFixed(2)} to ${training.losses.at(-1)[1].toFixed(2)}` : 'Loss');
    plot(canvas, losses, { from: Math.min(...losses) });
    find('learn').hidden = !training.startable || (training.state === 'running' && !training.ours) || training.state === 'done';
    say('learn', training.ours ? 'Stop learning' : training.step > 0 ? 'Go on learning' : 'Let it learn');
    find('learn-enter').hidden = !training.dreams || this.#world === training.dream;
  }
}

function say(id, text) {
  if (find(id).textContent !== text) {
    find(id).textContent = text;
  }
}

function duration(seconds) {
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.round(seconds % 3600 / 60);
  return hours > 0 ? `${hours} h ${minutes} min` : minutes > 0 ? `${minutes} min` : `${Math.round(seconds)} s`;
}
