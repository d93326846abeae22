// The words as they come. Pieces that follow one another at once grow into a line; what comes later begins a new one, and what
// was said last fades after a while. A screen reader hears whole lines, never pieces of words.

const togetherFor = 3;
const shownFor = 4500;
const spokenAfter = 700;
const mostCharacters = 220;

export class Captions {
  #shown;
  #spoken;
  #line = '';
  #last = -Infinity;
  #hide = 0;
  #speak = 0;

  constructor(shown, spoken) {
    this.#shown = shown;
    this.#spoken = spoken;
  }

  clear() {
    this.#line = '';
    this.#last = -Infinity;
    this.#shown.classList.remove('is-shown');
  }

  /** Takes the words of a moment, if any were said. */
  moment(number, text) {
    if (!text) {
      return;
    }

    const follows = number - this.#last <= togetherFor && number >= this.#last;
    // A few characters are a piece of a text; more are something said.
    const isSaid = text.trim().includes(' ');
    if (follows && this.#line === text) {
      return; // Going back in time says nothing new.
    }

    this.#line = follows ? `${this.#line}${isSaid ? ' · ' : ''}${text}` : text.trimStart();
    if (this.#line.length > mostCharacters) {
      this.#line = `…${this.#line.slice(-mostCharacters)}`;
    }

    this.#last = number;
    this.#shown.textContent = this.#line;
    this.#shown.classList.add('is-shown');
    clearTimeout(this.#hide);
    this.#hide = setTimeout(() => this.#shown.classList.remove('is-shown'), shownFor);
    clearTimeout(this.#speak);
    this.#speak = setTimeout(() => this.say(this.#line), spokenAfter);
  }

  /** Says something to those who listen to the page instead of looking at it. */
  say(text) {
    this.#spoken.textContent = text;
  }
}
