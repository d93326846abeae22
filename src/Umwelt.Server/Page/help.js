// What this is and which keys do what, in three lines and a list. It greets whoever is here for the first time; walking off is
// answer enough and closes it.

const greeted = 'umwelt-greeted';

const pageKeys = [
  ['P', 'pause'], ['N', 'one moment'], ['R', 'begin again'], ['O', 'let it act'], ['K B', 'keep, go back'], ['Y', 'two futures'], ['G', 'let go, wake up'], ['C', 'record'],
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
    const say = (line, text) => document.getElementById(line).textContent = text;
    if (hello.dream) {
      say('line-world', 'This is a dream: a model that has lived in a place makes up every picture, sound and word, from what it remembers and what you do.');
      say('line-goal', hello.dream.truth
        ? `The truth, ${hello.dream.truth}, runs beside it with the same commands. Wake the model and it senses what is true; let it go and it dreams on alone.`
        : 'Walk about and see what answers. Say words, and it imagines what belongs to them.');
      say('line-truth', 'It has learnt all this by living there, and nobody told it what a room, a door or a step is.');
    } else {
      say('line-world', isHouse
        ? 'This is a small house, made anew twenty times a second: what you see, hear and read follows from what you do.'
        : `This is “${hello.world}”, made anew ${hello.rate} times a second: what you see, hear and read follows from what you do.`);
      say('line-goal', isHouse
        ? 'Somewhere in it a lamp hums. Follow your ears, open doors, and use the lamp when you stand before it.'
        : bindings.length > 0 ? 'Try the keys and see what answers. Nothing here can be broken.' : 'It goes its own way: watch and listen.');
      say('line-truth', 'A world model learns such a place from nothing but living in it. This is the real one, which it learns from.');
    }

    const known = hello.dream?.truth ? pageKeys : pageKeys.filter(([key]) => key !== 'G');
    const own = bindings.flatMap(({ parts }) => parts.filter(part => part.keys).map(part => [part.keys, words[part.name] ?? part.name]));
    if (own.some(([, what]) => what === words.turn)) {
      own.push(['mouse', 'click to look']);
    }

    document.getElementById('keys').replaceChildren(...[...own, ...known].map(([keys, what]) => {
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
