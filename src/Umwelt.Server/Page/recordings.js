// Recordings that were made on this server, newest first: each can be lived again, and downloaded as it is or as a video. What
// is under way is not among them until it ends.

const most = 8;
const delays = [200, 800, 3000];

export class Recordings {
  #list;
  #card;
  #onReplay;
  #world = '';

  constructor(list, card, onReplay) {
    this.#list = list;
    this.#card = card;
    this.#onReplay = onReplay;
  }

  /** Only what was recorded in the world one is in can be lived again. */
  set world(value) {
    this.#world = value;
  }

  /** A recording has ended; the server may need a while to write its end. */
  async ended() {
    for (const delay of delays) {
      await new Promise(resolve => setTimeout(resolve, delay));
      await this.refresh();
    }
  }

  /** Asks the server which there are. */
  async refresh() {
    let found;
    let hasVideo;
    try {
      const response = await fetch(new URL('recordings', document.baseURI), { cache: 'no-store' });
      if (!response.ok) {
        return;
      }

      const body = await response.json();
      found = body.recordings ?? [];
      hasVideo = body.video === true;
    } catch {
      return; // The notice about the server says why.
    }

    const items = found.filter(item => !item.recording).slice(0, most);
    this.#card.hidden = items.length === 0;
    this.#list.replaceChildren(...items.map(item => this.#row(item, hasVideo)));
  }

  #row(item, hasVideo) {
    const row = document.createElement('li');
    const text = document.createElement('span');
    text.className = 'what';
    text.textContent = described(item, this.#world);
    const again = document.createElement('button');
    again.type = 'button';
    again.className = 'icon';
    again.title = item.world === this.#world ? 'Live it again' : `Made in ${item.world}: go there to live it again`;
    again.setAttribute('aria-label', `${again.title}: ${text.textContent}`);
    again.disabled = item.world !== this.#world;
    again.append(icon('icon-play'));
    again.addEventListener('click', () => this.#onReplay(item.id));
    row.append(again, text, link(item, 'zip', 'download', 'Download the recording'));
    if (hasVideo) {
      row.append(link(item, 'mp4', 'video', 'Download a video'));
    }

    return row;
  }
}

function link({ id }, extension, what, title) {
  const made = document.createElement('a');
  made.href = new URL(`recordings/${encodeURIComponent(id)}/${what}`, document.baseURI);
  made.download = `${id}.${extension}`;
  made.title = title;
  made.setAttribute('aria-label', title);
  made.append(icon('icon-down'), extension);
  return made;
}

function described({ id, world, seconds }, here) {
  const time = /^(\d{4})(\d\d)(\d\d)-(\d\d)(\d\d)(\d\d)/u.exec(id);
  const when = time ? new Date(Date.UTC(time[1], time[2] - 1, time[3], time[4], time[5], time[6])).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' }) : id;
  const long = Number.isFinite(seconds) ? `, ${seconds < 10 ? seconds.toFixed(1) : Math.round(seconds)} s` : '';
  return `${world === here ? '' : `${world}, `}${when}${long}`;
}

function icon(id) {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  svg.setAttribute('aria-hidden', 'true');
  const use = document.createElementNS('http://www.w3.org/2000/svg', 'use');
  use.setAttribute('href', `#${id}`);
  svg.append(use);
  return svg;
}
