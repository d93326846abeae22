// Plays moments of sound in the thread of the sound card. A small buffer takes up the unevenness of the network; where it
// drifts, sound runs up to three percent faster or slower, which nobody hears; where it is far too full, the oldest part is
// dropped, and where it is empty there is silence. Every such seam is faded, so nothing clicks and the delay never grows.

const seconds = 8;
const taps = 16;
const phases = 128;
const target = 0.09;
const most = 0.35;
const fade = 0.006;

class UmweltSound extends AudioWorkletProcessor {
  constructor({ processorOptions: { rate, ears, moment } }) {
    super();
    this.rate = rate;
    this.ears = ears;
    this.length = Math.ceil(rate * seconds);
    this.rings = Array.from({ length: ears }, () => new Float32Array(this.length));
    this.written = 0; // Samples that ever came, and the place among them that is being played.
    this.read = 0;
    this.pace = 1;
    this.gain = 0;
    this.isPlaying = false;
    this.isLeaving = false;
    this.isOpen = true;
    this.target = Math.max(target * rate, moment * 1.5);
    this.most = Math.max(most * rate, moment * 5);
    this.average = this.target;
    this.kernel = kernel();
    this.port.onmessage = ({ data }) => {
      if (data.samples) {
        this.write(data.samples);
      } else if (data.pace !== undefined) {
        this.pace = data.pace;
      } else if (data.close) {
        this.isOpen = false;
      }
    };
  }

  write(samples) {
    const count = samples.length / this.ears;
    for (let i = 0; i < count; i++) {
      const place = (this.written + i) % this.length;
      for (let ear = 0; ear < this.ears; ear++) {
        this.rings[ear][place] = samples[(i * this.ears) + ear] / 32768;
      }
    }

    this.written += count;
    // What is about to be overwritten can't be played any more.
    if (this.written - this.read > this.length - taps) {
      this.read = this.written - this.target;
    }
  }

  process(_, [output]) {
    const frames = output[0].length;
    const ramp = 1 / (fade * sampleRate);
    for (let frame = 0; frame < frames; frame++) {
      const stored = this.written - this.read;
      this.average += (stored - this.average) * 0.0001;
      if (!this.isPlaying && stored >= this.target && this.pace > 0) {
        this.isPlaying = true;
        this.average = stored;
      }

      // Some of the sound is left for fading out before it ends.
      const hasEnough = stored > (fade * this.rate * this.pace) + taps && this.pace > 0;
      if (this.isPlaying && this.gain === 0 && this.isLeaving) {
        this.read = Math.max(this.read, this.written - this.target);
        this.average = this.target;
        this.isLeaving = false;
      } else if (stored > this.most * Math.max(1, this.pace)) {
        this.isLeaving = true;
      }

      const wanted = this.isPlaying && hasEnough && !this.isLeaving ? 1 : 0;
      this.gain = wanted > this.gain ? Math.min(1, this.gain + ramp) : Math.max(0, this.gain - ramp);
      if (this.isPlaying && !hasEnough && this.gain === 0) {
        this.isPlaying = false;
      }

      if (this.isPlaying && stored > taps) {
        for (let ear = 0; ear < output.length; ear++) {
          output[ear][frame] = this.gain * this.at(this.rings[Math.min(ear, this.ears - 1)]);
        }

        const drift = (this.average - (this.target * Math.max(1, this.pace))) / this.target;
        this.read += this.rate / sampleRate * this.pace * (1 + Math.max(-0.03, Math.min(0.03, drift * 0.05)));
      }
    }

    return this.isOpen;
  }

  // The sound between two samples, from those around them.
  at(ring) {
    const whole = Math.floor(this.read);
    const row = Math.floor((this.read - whole) * phases) * taps;
    let sum = 0;
    for (let tap = 0; tap < taps; tap++) {
      const place = (whole + tap - (taps / 2) + 1 + this.length) % this.length;
      sum += ring[place] * this.kernel[row + tap];
    }

    return sum;
  }
}

// A windowed sinc for each of the places between two samples: it keeps what the world sounds like and adds nothing above it.
function kernel() {
  const values = new Float32Array(taps * phases);
  for (let phase = 0; phase < phases; phase++) {
    let sum = 0;
    for (let tap = 0; tap < taps; tap++) {
      const x = tap - (taps / 2) + 1 - (phase / phases);
      const window = 0.5 + (0.5 * Math.cos(Math.PI * Math.max(-1, Math.min(1, x / (taps / 2)))));
      const sinc = x === 0 ? 1 : Math.sin(Math.PI * x * 0.95) / (Math.PI * x * 0.95);
      values[(phase * taps) + tap] = sinc * window;
      sum += sinc * window;
    }

    for (let tap = 0; tap < taps; tap++) {
      values[(phase * taps) + tap] /= sum;
    }
  }

  return values;
}

registerProcessor('umwelt-sound', UmweltSound);
