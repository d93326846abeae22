// The world's sound. Browsers stay silent until somebody has touched the page, and give AudioWorklets to secure contexts only;
// this module waits for the one and does without the other. Nothing is made before it is needed.
import { ScheduledPlayer } from './sound-scheduled.js';

const fastest = 3;

/** Events: change (whether it is on, blocked or silent by choice). */
export class Sound extends EventTarget {
  #context = null;
  #player = null;
  #gain = null;
  #channel = null;
  #rate = 20;
  #speed = 1;
  #isOn = true;
  #levels = [0, 0];

  /** Listens to a channel, or to none. */
  listen(channel, rate) {
    this.#channel = channel;
    this.#rate = rate;
    this.#rebuild();
  }

  /** Loudness of each ear in the moment that was played last, 0 to 1. */
  get levels() {
    return this.#levels;
  }

  /** none (the world is silent), off, blocked (until somebody touches the page), or on. */
  get state() {
    if (!this.#channel) {
      return 'none';
    }

    return !this.#isOn ? 'off' : this.#context?.state === 'running' ? 'on' : 'blocked';
  }

  /** What the sound is played with, for meters and tests. */
  get kind() {
    return this.#player?.kind ?? 'none';
  }

  set speed(value) {
    this.#speed = value;
    this.#player?.setPace(this.#pace);
  }

  /** Lets sound begin; browsers allow it only from within a key or a touch. */
  async unlock() {
    if (!this.#channel || !this.#isOn) {
      return;
    }

    this.#context ??= new AudioContext({ latencyHint: 'interactive' });
    if (this.#context.state !== 'running') {
      await this.#context.resume();
    }

    await this.#rebuild();
    this.#tell();
  }

  /** Switches it on or off. */
  async toggle() {
    if (this.state === 'on') {
      this.#isOn = false;
      await this.#context?.suspend();
    } else {
      this.#isOn = true;
      await this.unlock();
    }

    this.#tell();
  }

  /** Takes the samples of a moment, ears interleaved. */
  play(samples) {
    this.#levels = levels(samples, this.#channel.ears ?? 1);
    if (this.state === 'on' && this.#pace > 0) {
      this.#player?.push(samples);
    }
  }

  // Sound follows the world's speed as a tape does; beyond three times it would be nothing but noise.
  get #pace() {
    return this.#speed > 0 && this.#speed <= fastest ? this.#speed : 0;
  }

  async #rebuild() {
    const context = this.#context;
    const channel = this.#channel;
    if (!context || !channel) {
      this.#player?.close();
      this.#player = null;
      return;
    }

    const format = { rate: channel.samples * this.#rate, ears: channel.ears ?? 1, moment: channel.samples };
    if (this.#player && same(this.#player.format, format)) {
      return;
    }

    this.#player?.close();
    this.#gain ??= new GainNode(context, { gain: 0.9 });
    this.#gain.connect(context.destination);
    this.#player = new ScheduledPlayer(context, this.#gain, format);
    if (context.audioWorklet) {
      try {
        await context.audioWorklet.addModule(new URL('sound-worklet.js', import.meta.url));
        this.#player.close();
        this.#player = new WorkletPlayer(context, this.#gain, format);
      } catch (error) {
        console.info(`The sound goes on without a worklet: ${error.message}`);
      }
    }

    this.#player.setPace(this.#pace);
  }

  #tell() {
    this.dispatchEvent(new Event('change'));
  }
}

/** Plays in the thread of the sound card: see sound-worklet.js. */
class WorkletPlayer {
  kind = 'worklet';
  #node;

  constructor(context, output, format) {
    this.format = format;
    this.#node = new AudioWorkletNode(context, 'umwelt-sound', {
      numberOfInputs: 0,
      outputChannelCount: [format.ears],
      processorOptions: format,
    });
    this.#node.connect(output);
  }

  push(samples) {
    const copy = samples.slice();
    this.#node.port.postMessage({ samples: copy }, [copy.buffer]);
  }

  setPace(pace) {
    this.#node.port.postMessage({ pace });
  }

  close() {
    this.#node.port.postMessage({ close: true });
    this.#node.disconnect();
  }
}

function same(a, b) {
  return a.rate === b.rate && a.ears === b.ears && a.moment === b.moment;
}

function levels(samples, ears) {
  const sums = new Array(ears).fill(0);
  for (let i = 0; i < samples.length; i++) {
    const value = samples[i] / 32768;
    sums[i % ears] += value * value;
  }

  return sums.map(sum => Math.sqrt(sum * ears / Math.max(1, samples.length)));
}
