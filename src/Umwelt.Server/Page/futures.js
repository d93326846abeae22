// Two futures of one moment: the first is lived and remembered here, picture by picture; then one goes back and lives the second,
// with the first beside it at the same pace. Either can be gone on with, since both ends are kept on the server.

const mostPictures = 2400;

export class Futures {
  #stage;
  #bar;
  #connection;
  #channel = null;
  #picture = null;
  #phase = 'none';
  #fork = null;
  #firstEnd = null;
  #waiting = null;
  #seen = new Map();

  constructor(stage, bar, connection) {
    this.#stage = stage;
    this.#bar = bar;
    this.#connection = connection;
    bar.querySelector('#second-future').addEventListener('click', () => this.next());
    bar.querySelector('#to-fork').addEventListener('click', () => this.#fork && this.#return(this.#fork.id));
    bar.querySelector('#to-first').addEventListener('click', () => {
      const { id } = this.#firstEnd ?? {};
      this.clear();
      if (id) {
        this.#return(id);
      }
    });
    bar.querySelector('#end-futures').addEventListener('click', () => this.clear());
  }

  /** Whether a moment that is kept now is a fork's and nobody's keepsake. */
  get expects() {
    return this.#waiting !== null;
  }

  /** Takes the picture channel of a world, or null. */
  open(channel) {
    this.clear();
    this.#channel = channel;
  }

  /** Forks, then goes back for the second future, then ends. */
  next() {
    switch (this.#phase) {
      case 'none':
        this.#keep(kept => {
          this.#fork = kept;
          this.#seen.clear();
          this.#set('first');
        });
        break;
      case 'first':
        this.#keep(kept => {
          this.#firstEnd = kept;
          this.#set('second');
          this.#return(this.#fork.id);
        });
        break;
      default:
        this.clear();
    }
  }

  /** The server has kept a moment that was asked for here. */
  kept(id) {
    const waiting = this.#waiting;
    this.#waiting = null;
    waiting?.({ id });
  }

  refuse() {
    this.#waiting = null;
    this.clear();
  }

  /** A moment was lived. */
  moment(number, bytes) {
    if (!bytes) {
      return;
    }

    if (this.#phase === 'first' && this.#seen.size < mostPictures) {
      this.#seen.set(number, bytes.slice());
    } else if (this.#phase === 'second') {
      const then = this.#seen.get(number) ?? this.#seen.get(number + 1) ?? this.#seen.get(number - 1);
      if (then) {
        this.#picture.show(then);
      }
    }
  }

  clear() {
    this.#set('none');
    this.#fork = this.#firstEnd = this.#waiting = null;
    this.#seen.clear();
  }

  #keep(then) {
    if (this.#connection.isOpen && !this.#waiting) {
      this.#waiting = then;
      this.#connection.send({ type: 'keep' });
    }
  }

  #return(id) {
    this.#connection.send({ type: 'return', id });
  }

  #set(phase) {
    this.#phase = phase;
    this.#bar.hidden = phase === 'none';
    this.#bar.querySelector('#second-future').hidden = phase !== 'first';
    this.#bar.querySelector('#to-first').hidden = phase !== 'second';
    this.#bar.querySelector('#futures-name').textContent = phase === 'second' ? 'The second future, beside the first' : 'The first future';
    if (phase === 'second' && this.#channel && !this.#picture) {
      this.#picture = this.#stage.add(this.#channel, 'the first future');
      this.#picture.name = 'first future';
    } else if (phase !== 'second' && this.#picture) {
      this.#stage.remove(this.#picture);
      this.#picture = null;
    }
  }
}
