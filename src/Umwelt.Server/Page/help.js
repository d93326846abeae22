// What this is and which keys do what, in three lines and a list. It greets whoever is here for the first time; walking off is
// answer enough and closes it.

const greeted = 'umwelt-greeted';

const pageKeys = [
  ['P', 'pause'], ['N', 'one moment'], ['R', 'begin again'], ['O', 'let it act'], ['K B', 'keep, go back'], ['C', 'record'],
  ['M', 'sound'], ['F', 'full screen'], ['I', 'details'], ['H', 'this'],
];

export class HelpDialog {
  #dialog;
  #hasGreeted = false;

  constructor(dialog) {
    this.#dialog = dialog;
    dialog.addEventListener('close', () => {
      remember();
      document.getElementById('stage').focus({ preventScroll: true });
    });
    dialog.addEventListener('click', event => event.target === dialog && dialog.close());
  }

  open() {
    if (!this.#dialog.open) {
      this.#dialog.showModal();
    }
  }

  toggle() {
    this.#dialog.open ? this.#dialog.close() : this.open();
  }

  /** Somebody walks: they need no greeting any more. */
  leave() {
    this.#hasGreeted = true;
    if (this.#dialog.open) {
      this.#dialog.close();
    }
  }

  /** Opens once for those who have not been here. */
  greet() {
    if (!this.#hasGreeted && !isKnown()) {
      this.open();
    }

    this.#hasGreeted = true;
  }

  /** Says what this world is and how one moves in it. */
  describe(hello, bindings, isHouse) {
    document.getElementById('line-world').textContent = isHouse
      ? 'This is a small house, made anew twenty times a second: what you see, hear and read follows from what you do.'
      : `This is “${hello.world}”, made anew ${hello.rate} times a second: what you see, hear and read follows from what you do.`;
    document.getElementById('line-goal').textContent = isHouse
      ? 'Somewhere in it a lamp hums. Follow your ears, open doors, and use the lamp when you stand before it.'
      : bindings.length > 0 ? 'Try the keys and see what answers. Nothing here can be broken.' : 'It goes its own way: watch and listen.';
    const own = bindings.flatMap(({ parts }) => parts.filter(part => part.keys).map(part => [part.keys, words[part.name] ?? part.name]));
    if (own.some(([, what]) => what === words.turn)) {
      own.push(['mouse', 'click to look']);
    }

    document.getElementById('keys').replaceChildren(...[...own, ...pageKeys].map(([keys, what]) => {
      const row = document.createElement('div');
      const term = document.createElement('dt');
      for (const key of keys.split(' ')) {
        const cap = document.createElement('kbd');
        cap.textContent = key;
        term.append(cap);
      }

      const meaning = document.createElement('dd');
      meaning.textContent = what;
      row.append(term, meaning);
      return row;
    }));
  }
}

const words = { forward: 'walk', strafe: 'step aside', turn: 'turn', use: 'use what is ahead' };

// Browsers may refuse to remember anything; then everybody is new.
function isKnown() {
  try {
    return localStorage.getItem(greeted) !== null;
  } catch {
    return false;
  }
}

function remember() {
  try {
    localStorage.setItem(greeted, '1');
  } catch {
    // Nothing is lost but a greeting too many.
  }
}
