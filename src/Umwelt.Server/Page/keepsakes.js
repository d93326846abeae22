// Moments that were kept, each with a small picture: a touch goes back to it. The server holds the moments; this is the list
// of them, newest first, which ends with the session. Each can be saved as a file, and a file brings its moment back anywhere.

export class Keepsakes {
  #list;
  #card;
  #onReturn;
  #onSave;
  #pending = [];
  #newest = null;

  constructor(list, card, onReturn, onSave) {
    this.#onSave = onSave;
    this.#list = list;
    this.#card = card;
    this.#onReturn = onReturn;
  }

  clear() {
    this.#pending = [];
    this.#newest = null;
    this.#list.replaceChildren();
  }

  /** Whether moments can be kept in this world. */
  set isPossible(value) {
    this.#card.hidden = !value;
  }

  /** Remembers what is seen now, until the server says under which name it was kept. */
  expect(thumbnail, description) {
    this.#pending.push({ thumbnail, description });
  }

  /** The server refused to keep one. */
  refuse() {
    this.#pending.shift();
  }

  /** The server has kept the moment that was asked for first. */
  add(id) {
    const { thumbnail, description } = this.#pending.shift() ?? { thumbnail: null, description: '' };
    this.#newest = id;
    const button = document.createElement('button');
    button.type = 'button';
    const label = description || `Moment ${this.#list.children.length + 1}`;
    button.title = `Back to: ${label}`;
    button.setAttribute('aria-label', button.title);
    if (thumbnail) {
      button.append(thumbnail);
    }

    const name = document.createElement('span');
    name.textContent = label;
    button.append(name);
    button.addEventListener('click', () => this.#onReturn(id));
    const item = document.createElement('li');
    const save = document.createElement('button');
    save.type = 'button';
    save.className = 'save';
    save.title = `Save as a file: ${label}`;
    save.setAttribute('aria-label', save.title);
    save.textContent = 'save';
    save.addEventListener('click', () => this.#onSave(id));
    item.append(button, save);
    this.#list.prepend(item);
  }

  /** Goes back to the moment that was kept last; says whether there is one. */
  back() {
    if (this.#newest === null) {
      return false;
    }

    this.#onReturn(this.#newest);
    return true;
  }
}
