// The side panel: beside the world where there is room, a sheet that slides in where there is none. A sheet takes the keys
// while it is open and gives them back to whoever opened it.

export class Panel {
  #panel;
  #button;
  #shade;
  #narrow = matchMedia('(max-width: 62rem), (max-height: 30rem)');
  #isOpen = true;

  constructor(panel, button, close, shade) {
    this.#panel = panel;
    this.#button = button;
    this.#shade = shade;
    close.addEventListener('click', () => this.close());
    shade.addEventListener('click', () => this.close());
    panel.addEventListener('keydown', event => event.key === 'Escape' && this.close());
    this.#narrow.addEventListener('change', () => this.#set(!this.#narrow.matches));
    this.#set(!this.#narrow.matches);
  }

  toggle() {
    this.#set(!this.#isOpen);
    if (this.#isOpen && this.#narrow.matches) {
      this.#panel.querySelector('.close').focus();
    }
  }

  /** Closes it where it covers the world. */
  close() {
    if (this.#isOpen && this.#narrow.matches) {
      this.#set(false);
      this.#button.focus();
    }
  }

  #set(isOpen) {
    this.#isOpen = isOpen;
    this.#panel.inert = !isOpen;
    this.#button.setAttribute('aria-expanded', String(isOpen));
    document.body.classList.toggle('has-panel', isOpen);
    this.#shade.classList.toggle('is-shown', isOpen && this.#narrow.matches);
  }
}
