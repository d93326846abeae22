// The truth beside a dream, of one picture: side by side, split by a line that can be dragged, one over the other, or what tells
// them apart. Of senses that are the truth's, the dream's side shows what was expected.

const views = {
  beside: { dream: true, truth: true },
  split: { mixed: true },
  overlay: { mixed: true },
  difference: { mixed: true },
  dream: { dream: true },
  truth: { truth: true },
};

export class Comparison {
  #stage;
  #bar;
  #slider;
  #line = document.createElement('div');
  #pictures = null;
  #channel = null;
  #view = 'beside';
  #isBeside = false;
  #last = null;

  constructor(stage, bar, slider) {
    this.#stage = stage;
    this.#bar = bar;
    this.#slider = slider;
    this.#line.className = 'divider';
    this.#line.setAttribute('aria-hidden', 'true');
    bar.addEventListener('click', event => {
      const view = event.target.closest('button')?.dataset.view;
      if (view) {
        this.#choose(view);
      }
    });
    slider.addEventListener('input', () => this.#moved());
    this.#line.addEventListener('pointerdown', event => this.#drag(event));
  }

  /** Takes the first picture of a dream; it is the stage's main one. */
  open(channel, world) {
    this.#channel = channel;
    this.#last = null;
    this.#isBeside = false;
    const dream = this.#stage.add(channel, `${world}, the dream`);
    const truth = this.#stage.add(channel, 'the truth');
    const mixed = this.#stage.add(channel, 'truth and dream');
    mixed.figure.append(this.#line);
    // The truth stands at the left, as what came first.
    dream.figure.before(truth.figure);
    this.#pictures = { dream, truth, mixed };
    this.#arrange();
    return dream;
  }

  close() {
    this.#pictures = null;
    this.#bar.hidden = true;
  }

  get isOpen() {
    return this.#pictures !== null;
  }

  /** Takes what is lived and what stands beside it; isTrue says which of the two is the truth. */
  show(lived, beside, isTrue) {
    const isBeside = Boolean(beside) || (isTrue && Boolean(lived));
    const [truth, dream] = isTrue ? [lived, beside ?? lived] : [beside, lived];
    this.#last = { truth, dream };
    if (isBeside !== this.#isBeside) {
      this.#isBeside = isBeside;
      this.#arrange();
    }

    const pictures = this.#pictures;
    pictures.dream.name = !isBeside ? '' : isTrue ? 'expected' : 'dream';
    pictures.truth.name = 'truth';
    if (dream) {
      pictures.dream.show(dream);
    }

    if (truth) {
      pictures.truth.show(truth);
    }

    this.#mix();
  }

  #choose(view) {
    this.#view = view;
    this.#arrange();
    this.#mix();
  }

  #arrange() {
    const shown = this.#isBeside ? views[this.#view] : views.dream;
    for (const [name, picture] of Object.entries(this.#pictures)) {
      picture.isShown = Boolean(shown[name]);
    }

    this.#bar.hidden = !this.#isBeside;
    for (const button of this.#bar.querySelectorAll('button')) {
      button.setAttribute('aria-pressed', String(button.dataset.view === this.#view));
    }

    const slides = this.#view === 'split' || this.#view === 'overlay';
    this.#slider.parentElement.hidden = !slides;
    this.#line.hidden = this.#view !== 'split';
    this.#pictures.mixed.name = { split: 'truth | dream', overlay: 'truth and dream', difference: 'difference' }[this.#view] ?? '';
    this.#stage.fit();
    this.#moved();
  }

  #moved() {
    this.#line.style.left = `${this.#slider.value}%`;
    this.#mix();
  }

  #drag(event) {
    event.preventDefault();
    event.stopPropagation();
    this.#line.setPointerCapture(event.pointerId);
    const move = ({ clientX }) => {
      const box = this.#pictures.mixed.element.getBoundingClientRect();
      this.#slider.value = String(Math.max(0, Math.min(100, (clientX - box.left) / box.width * 100)));
      this.#moved();
    };
    this.#line.addEventListener('pointermove', move);
    for (const type of ['pointerup', 'pointercancel']) {
      this.#line.addEventListener(type, () => this.#line.removeEventListener('pointermove', move), { once: true });
    }
  }

  // Pixel by pixel: small pictures cost nothing, and every one stays as crisp as its sources.
  #mix() {
    const { truth, dream } = this.#last ?? {};
    if (!this.#pictures?.mixed.isShown || !truth || !dream) {
      return;
    }

    const mixed = new Uint8Array(truth.length);
    const row = this.#channel.width * (this.#channel.colours ?? 3);
    const share = Number(this.#slider.value) / 100;
    const edge = Math.round(this.#channel.width * share) * (this.#channel.colours ?? 3);
    for (let i = 0; i < mixed.length; i++) {
      mixed[i] = this.#view === 'split' ? (i % row < edge ? truth[i] : dream[i])
        : this.#view === 'overlay' ? truth[i] + ((dream[i] - truth[i]) * share)
        : Math.min(255, 2 * Math.abs(truth[i] - dream[i]));
    }

    this.#pictures.mixed.show(mixed);
  }
}
