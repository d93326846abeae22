// What went wrong and what to do about it. Every failure has a title, a sentence that helps, and where it makes sense a button;
// while the page tries again by itself, it says when.

const failures = {
  gone: ['The server is gone', 'Start it again where it ran, for example with ./umwelt play house. This page finds it by itself and goes on where you were.'],
  loading: ['The server is getting ready', 'It answers, but is not ready yet. This page goes on as soon as it is.'],
  world: ['There is no such world', 'Choose another one under “This world”.'],
  refused: ['The connection was refused', 'The server answers, but not to WebSockets, through which worlds arrive. If there is a proxy in between, let it pass “Upgrade” on; if not, open the page by the address that the server printed.'],
  token: ['The server wants a token', 'Open the page by the whole address that the server printed when it started; the token is part of it.'],
  full: ['The server is full', 'It has as many sessions as it takes. Close another page of it, or wait: this page tries again.'],
  failed: ['The world has failed', 'It could not be opened or broke off; the server\u2019s log says why. Choose another one, or begin again.'],
  seed: ['That is no seed', 'A seed is a whole number, such as 1 or 42.'],
  learning: ['There is no dream yet', 'Its model has not begun to learn. “Learning” at the side starts it; the page steps in with the first model.'],
  preparing: ['There is no dream yet', 'Its model is about to learn. The page steps in as soon as there is a first one, which dreams nothing but noise; then watch.'],
  idle: ['Nobody was here for a while', 'The server put the world away. It goes on where it was when you come back.'],
  start: ['Nothing begins like this here', 'Choose another beginning under “This world”.'],
  ended: ['The session has ended', 'The server has put it away for good. Begin again.'],
  elsewhere: ['The world went on in another window', 'This session was opened somewhere else. It can come back here.'],
  rules: ['The server closed the connection', 'It did not understand this page. Load the page again: it may be older than the server.'],
  version: ['Page and server do not fit together', 'Load the page again; if that does not help, restart the server.'],
  blocked: ['The browser blocks the connection', 'Something in this browser forbids WebSockets here, perhaps an extension. Allow them for this address.'],
  still: ['No moment has come for a while', 'The world may be busy, or the line is slow. Lower the speed, or begin again.'],
};

export class Notices {
  #place;
  #tick = 0;
  #code = null;

  constructor(place) {
    this.#place = place;
  }

  get code() {
    return this.#code;
  }

  /** Shows a failure until it is over. */
  show(code, { message = '', retryIn = null, action = null, onAction = null } = {}) {
    const [title, help] = failures[code] ?? failures.gone;
    clearInterval(this.#tick);
    const when = document.createElement('p');
    when.className = 'when';
    // A notice that stays is not built again, so that it is read out once.
    if (this.#code !== code) {
      this.#code = code;
      const card = element('div', 'notice');
      card.append(element('h2', '', title), element('p', '', help));
      if (message) {
        card.append(element('p', 'detail', message));
      }

      const foot = element('div', 'foot');
      foot.append(when);
      if (action) {
        const button = element('button', 'primary', action);
        button.type = 'button';
        button.addEventListener('click', onAction);
        foot.append(button);
      }

      card.append(foot);
      this.#place.replaceChildren(card);
    }

    const shown = this.#place.querySelector('.when');
    shown.setAttribute('aria-hidden', 'true');
    if (retryIn === null) {
      shown.textContent = '';
      return;
    }

    const due = performance.now() + retryIn;
    const count = () => {
      const left = Math.ceil((due - performance.now()) / 1000);
      shown.textContent = left > 0 ? `Trying again in ${left} s` : 'Trying again …';
    };
    count();
    this.#tick = setInterval(count, 250);
  }

  /** Says something that passes. */
  pass(text) {
    if (this.#code === null) {
      const card = element('p', 'passing', text);
      this.#place.replaceChildren(card);
      setTimeout(() => card.remove(), 5000);
    }
  }

  clear() {
    clearInterval(this.#tick);
    if (this.#code !== null) {
      this.#code = null;
      this.#place.replaceChildren();
    }
  }
}

function element(name, className, text) {
  const made = document.createElement(name);
  made.className = className;
  if (text !== undefined) {
    made.textContent = text;
  }

  return made;
}
