// Plays moments of sound where the page has no worklet, as one buffer after the other at times given ahead. Each overlaps the
// one before by a few milliseconds of the same sound and both are faded there, so that seams are not heard; moments that come
// too late begin anew, and those that would add delay are left out.

const overlap = 0.006;
const target = 0.12;
const most = 0.4;
const correction = 0.02;

export class ScheduledPlayer {
  kind = 'scheduled';
  #context;
  #output;
  #tail;
  #next = 0;
  #pace = 1;

  constructor(context, output, format) {
    this.#context = context;
    this.#output = output;
    this.format = format;
    this.#tail = new Float32Array(Math.round(overlap * format.rate) * format.ears);
  }

  setPace(pace) {
    this.#pace = pace;
  }

  push(samples) {
    const { rate, ears } = this.format;
    const now = this.#context.currentTime;
    const ahead = this.#next - now;
    if (this.#pace === 0 || ahead > most) {
      return;
    }

    if (ahead < 0.01) {
      this.#next = now + target;
      this.#tail.fill(0);
    }

    const faded = this.#tail.length / ears;
    const count = (samples.length / ears) + faded;
    const buffer = this.#context.createBuffer(ears, count, rate);
    for (let ear = 0; ear < ears; ear++) {
      const data = buffer.getChannelData(ear);
      for (let i = 0; i < count; i++) {
        const value = i < faded ? this.#tail[(i * ears) + ear] : samples[((i - faded) * ears) + ear] / 32768;
        data[i] = value * Math.min(1, (i + 0.5) / faded, (count - i - 0.5) / faded);
      }
    }

    const kept = this.#tail.length;
    for (let i = 0; i < kept; i++) {
      this.#tail[i] = samples[samples.length - kept + i] / 32768;
    }

    const drift = Math.max(-1, Math.min(1, (ahead - target) / target));
    const speed = this.#pace * (1 + (correction * drift));
    const source = new AudioBufferSourceNode(this.#context, { buffer, playbackRate: speed });
    source.connect(this.#output);
    source.start(this.#next);
    // The next one begins where this one begins to fade, so that their fades add up to one.
    this.#next += (count - faded) / rate / speed;
  }

  close() {
    this.#pace = 0;
  }
}
