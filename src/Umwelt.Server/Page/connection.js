// The line to the server: says hello, hands moments on, and comes back by itself when it breaks, with the token that brings the
// same session back. It finds out why it could not connect and says so as one of a few reasons; what to do about them is said
// elsewhere.
import { readMoment, subprotocol } from './protocol.js';

const firstDelay = 500;
const longestDelay = 8000;
const patience = 10000;

// What the server says when it closes, and the failure that it is on this page.
const reasons = {
  'unknown-world': 'world',
  seed: 'seed',
  from: 'start',
  'too-many': 'full',
  full: 'full',
  learning: 'learning',
  'world-failed': 'failed',
  shutdown: 'gone',
  idle: 'idle',
  ended: 'ended',
  'taken-over': 'elsewhere',
  'too-fast': 'rules',
  'too-many-faults': 'rules',
  'too-large': 'rules',
};

// Failures that may pass by themselves.
const patient = new Set(['gone', 'full', 'learning']);

/** Events: hello, moment, state, kept, map, refused {code, message}, problem {code, message, retryIn}, closed. */
export class Connection extends EventTarget {
  #socket = null;
  #world;
  #seed;
  #from;
  #resume = null;
  #hello = null;
  #delay = firstDelay;
  #timer = 0;
  #sequence = 0;
  #farewell = null;
  #fault = null;

  get hello() {
    return this.#hello;
  }

  get isOpen() {
    return this.#hello !== null && this.#socket?.readyState === WebSocket.OPEN;
  }

  /** Leaves where one is and begins elsewhere. */
  begin(world, seed, from = null) {
    this.#world = world;
    this.#seed = seed;
    this.#from = from;
    this.#resume = null;
    this.#delay = firstDelay;
    this.#connect();
  }

  /** Goes to a session that waits somewhere on the server. */
  enter(resume) {
    this.#resume = resume;
    this.#delay = firstDelay;
    this.#connect();
  }

  /** Tries at once instead of when the time has come. */
  retry() {
    this.#connect();
  }

  /** Sends a message, unless there is nobody to hear it. */
  send(message) {
    if (this.isOpen) {
      this.#socket.send(JSON.stringify(message));
    }
  }

  /** Sends what the body does from now on and returns the command's number, or 0. */
  command(motor) {
    if (!this.isOpen) {
      return 0;
    }

    this.send({ type: 'command', sequence: ++this.#sequence, motor });
    return this.#sequence;
  }

  #connect() {
    clearTimeout(this.#timer);
    this.#drop();
    const address = new URL('play', document.baseURI);
    address.protocol = address.protocol.replace('http', 'ws');
    address.search = query({ world: this.#world, seed: this.#seed, from: this.#from, resume: this.#resume });
    this.#farewell = null;
    this.#fault = null;
    let socket;
    try {
      socket = new WebSocket(address, subprotocol);
    } catch (error) {
      this.#lost('blocked', error.message);
      return;
    }

    socket.binaryType = 'arraybuffer';
    this.#socket = socket;
    // A connection that neither opens nor fails, as behind some proxies, must not be waited for without end.
    const limit = setTimeout(() => socket.close(), patience);
    socket.onmessage = event => this.#receive(event.data);
    socket.onclose = event => {
      clearTimeout(limit);
      this.#socket = null;
      const wasInside = this.#hello !== null;
      this.#hello = null;
      this.#closed(event, wasInside);
    };
    socket.onopen = () => clearTimeout(limit);
  }

  #drop() {
    this.#hello = null;
    if (this.#socket) {
      this.#socket.onclose = this.#socket.onmessage = this.#socket.onopen = null;
      this.#socket.close();
      this.#socket = null;
    }
  }

  #receive(data) {
    if (typeof data !== 'string') {
      if (this.#hello) {
        this.#receiveMoment(data);
      }

      return;
    }

    const message = JSON.parse(data);
    switch (message.type) {
      case 'hello':
        this.#delay = firstDelay;
        this.#resume = message.resume;
        this.#hello = message;
        this.#tell('hello', message);
        break;
      case 'error':
        this.#fault = message;
        this.#tell('refused', message);
        break;
      case 'bye':
        // Whoever is refused or cut off was told why in the message before.
        this.#farewell = message.reason in reasons ? { code: message.reason, message: '' } : this.#fault ?? { code: message.reason, message: '' };
        break;
      default:
        this.#tell(message.type, message); // state, kept, saved, map, answer
    }
  }

  #receiveMoment(data) {
    let moment;
    try {
      moment = readMoment(data, this.#hello.schema.channels);
    } catch (error) {
      this.#drop();
      this.#lost('version', error.message, false);
      return;
    }

    if (moment) {
      this.#tell('moment', moment);
    }
  }

  async #closed(event, wasInside) {
    this.#tell('closed');
    const said = this.#farewell;
    if (said) {
      const reason = reasons[said.code] ?? (event.code === 1008 ? 'rules' : 'gone');
      this.#lost(reason, said.message, patient.has(reason));
    } else if (wasInside) {
      this.#lost('gone', '');
    } else {
      const attempt = this.#world;
      const [code, message] = await this.#reason();
      // While we asked, somebody may have gone elsewhere.
      if (!this.#socket && attempt === this.#world) {
        this.#lost(code, message);
      }
    }
  }

  // A browser does not say why a WebSocket was refused, but plain requests can be asked.
  async #reason() {
    try {
      const health = await fetch(new URL('health', document.baseURI), { cache: 'no-store' });
      if (!health.ok) {
        return ['loading', await said(health)];
      }

      const worlds = await fetch(new URL('worlds', document.baseURI), { cache: 'no-store' });
      if (worlds.status === 401 || worlds.status === 403) {
        return ['token', await said(worlds)];
      }

      return ['refused', ''];
    } catch {
      return ['gone', ''];
    }
  }

  #lost(code, message, again = true) {
    const retryIn = again ? this.#delay : null;
    this.#tell('problem', { code, message, retryIn });
    if (again) {
      this.#timer = setTimeout(() => this.#connect(), this.#delay);
      this.#delay = Math.min(longestDelay, this.#delay * 1.7);
    }
  }

  #tell(type, detail = null) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}

function query(values) {
  const given = Object.entries(values).filter(([, value]) => value !== null && value !== undefined && value !== '');
  return new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString();
}

// What a failed request says: JSON with a message, or nothing worth showing.
async function said(response) {
  try {
    const body = await response.json();
    return body.detail ?? body.message ?? body.error?.message ?? body.title ?? '';
  } catch {
    return '';
  }
}
