// The place where views stand side by side, and the light that they cast around them. Views are sized together, so that two
// pictures of the same world always have pixels of the same size.
import { Picture } from './picture.js';

export class Stage {
  #views;
  #glow;
  #pictures = [];
  #calm = matchMedia('(prefers-reduced-motion: reduce)');

  constructor(views, glow) {
    this.#views = views;
    this.#glow = new Glow(glow);
    new ResizeObserver(() => this.fit()).observe(views);
    // The ratio of pixels changes with zoom and from screen to screen, often without a change of size.
    addEventListener('resize', () => this.fit());
  }

  /** Takes all views down. */
  clear() {
    this.#pictures = [];
    this.#views.replaceChildren();
  }

  /** Adds a view of a picture channel. */
  add(channel, name) {
    const picture = new Picture(channel, `${name}: ${channel.description ?? channel.name}`);
    this.#pictures.push(picture);
    this.#views.append(picture.figure);
    this.fit();
    return picture;
  }

  /** Takes one view down. */
  remove(picture) {
    this.#pictures = this.#pictures.filter(other => other !== picture);
    picture.figure.remove();
    this.fit();
  }

  /** Puts something else than a picture on the stage, such as numbers. */
  place(element) {
    this.#views.append(element);
  }

  get main() {
    return this.#pictures[0] ?? null;
  }

  /** Draws what is new; called once for each frame of the screen. */
  draw() {
    let isNew = false;
    for (const picture of this.#pictures) {
      isNew = picture.draw() || isNew;
    }

    // Light that follows every moment would flicker; those who asked for calm keep the first.
    const lit = this.#pictures.find(picture => picture.isShown);
    if (isNew && lit && !(this.#calm.matches && this.#glow.isLit)) {
      this.#glow.follow(lit.element, this.#calm.matches ? 1 : 0.2);
    }

    return isNew;
  }

  /** Sizes whatever is shown, as after something was shown or hidden. */
  fit() {
    const box = this.#views.getBoundingClientRect();
    const shown = this.#pictures.filter(picture => picture.isShown);
    const count = Math.max(1, shown.length);
    const isWide = box.width >= box.height;
    this.#views.classList.toggle('is-stacked', !isWide);
    const gap = (count - 1) * 12;
    for (const picture of shown) {
      picture.fit(isWide ? (box.width - gap) / count : box.width, isWide ? box.height : (box.height - gap) / count);
    }

    // What lies over the pictures has to know where they begin and end.
    const boxes = shown.map(picture => picture.element.getBoundingClientRect());
    const height = Math.max(...boxes.map(({ bottom }) => bottom)) - Math.min(...boxes.map(({ top }) => top));
    this.#views.parentElement.style.setProperty('--picture-height', boxes.length > 0 ? `${height}px` : '100%');
  }
}

/** The light of a picture: its colours, a few in each direction, spread softly around it. Small canvases do this for less than a
    blur of the whole window would cost. */
class Glow {
  isLit = false;
  #target;
  #colours = document.createElement('canvas').getContext('2d');
  #fade;

  constructor(canvas) {
    this.#target = canvas.getContext('2d');
    this.#target.imageSmoothingQuality = 'high';
    this.#colours.canvas.width = this.#colours.canvas.height = 5;
    const half = canvas.width / 2;
    this.#fade = this.#target.createRadialGradient(half, half, half * 0.3, half, half, half);
    for (let i = 0; i <= 8; i++) {
      this.#fade.addColorStop(i / 8, `rgb(0 0 0 / ${Math.cos(i / 8 * Math.PI / 2) ** 2})`);
    }
  }

  /** Becomes a part more like a picture. */
  follow(picture, part) {
    const colours = this.#colours;
    colours.globalAlpha = this.isLit ? part : 1;
    colours.imageSmoothingQuality = 'high';
    colours.drawImage(picture, 0, 0, 5, 5);
    this.isLit = true;

    const { width, height } = this.#target.canvas;
    this.#target.globalCompositeOperation = 'copy';
    this.#target.drawImage(colours.canvas, 0.5, 0.5, 4, 4, 0, 0, width, height);
    this.#target.globalCompositeOperation = 'destination-in';
    this.#target.fillStyle = this.#fade;
    this.#target.fillRect(0, 0, width, height);
  }
}
