// Draws one picture channel on a canvas: every pixel of the world is a square of the same whole number of screen pixels, so
// that it is crisp at every size. A view is one such picture with its name; the stage holds as many as there are to see.

/** One picture of a world. */
export class Picture {
  #figure = document.createElement('figure');
  #name = document.createElement('figcaption');
  #canvas = document.createElement('canvas');
  #context;
  #image;
  #source;
  #colours;

  constructor(channel, label) {
    this.#canvas.className = 'picture';
    this.#canvas.width = channel.width;
    this.#canvas.height = channel.height;
    this.#canvas.setAttribute('role', 'img');
    this.#canvas.setAttribute('aria-label', label);
    this.#context = this.#canvas.getContext('2d', { alpha: false });
    this.#image = this.#context.createImageData(channel.width, channel.height);
    this.#image.data.fill(255);
    this.#colours = channel.colours ?? 3;
    this.#name.hidden = true;
    this.#figure.className = 'view';
    this.#figure.append(this.#canvas, this.#name);
  }

  get element() {
    return this.#canvas;
  }

  /** What stands on the stage: the picture, and its name where it has one. */
  get figure() {
    return this.#figure;
  }

  /** Says what is seen here, where that is not plain; an empty name says nothing. */
  set name(text) {
    if (this.#name.textContent !== text) {
      this.#name.textContent = text;
      this.#name.hidden = text === '';
    }
  }

  get isShown() {
    return !this.#figure.hidden;
  }

  set isShown(value) {
    this.#figure.hidden = !value;
  }

  /** Takes the bytes of a moment, [row, column, colour]; they are drawn when the screen is. */
  show(bytes) {
    this.#source = bytes;
  }

  /** Draws what was shown last, if anything is new; says whether there was. */
  draw() {
    const source = this.#source;
    if (!source) {
      return false;
    }

    this.#source = null;
    const target = this.#image.data;
    const pixels = target.length / 4;
    const step = this.#colours;
    const green = step >= 3 ? 1 : 0;
    const blue = step >= 3 ? 2 : 0;
    for (let i = 0, from = 0, to = 0; i < pixels; i++, from += step, to += 4) {
      target[to] = source[from];
      target[to + 1] = source[from + green];
      target[to + 2] = source[from + blue];
    }

    this.#context.putImageData(this.#image, 0, 0);
    return true;
  }

  /** Becomes as large as fits into so many CSS pixels. */
  fit(width, height) {
    const ratio = window.devicePixelRatio || 1;
    const most = Math.min(width * ratio / this.#canvas.width, height * ratio / this.#canvas.height);
    const scale = most >= 1 ? Math.floor(most) : most;
    this.#canvas.style.width = `${this.#canvas.width * scale / ratio}px`;
    this.#canvas.style.height = `${this.#canvas.height * scale / ratio}px`;
  }

  /** A small copy, to remember a moment by. */
  thumbnail() {
    const copy = document.createElement('canvas');
    copy.width = this.#canvas.width;
    copy.height = this.#canvas.height;
    copy.getContext('2d').drawImage(this.#canvas, 0, 0);
    return copy;
  }
}
