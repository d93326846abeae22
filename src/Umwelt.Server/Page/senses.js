// Channels of numbers, for worlds that are not only seen and heard: each number with its name and a bar from one end of its
// range to the other. A world without any picture is shown by these alone.

const mostNumbers = 24;

export class Senses {
  #list;
  #bars = [];

  constructor(list) {
    this.#list = list;
  }

  /** Takes the channels of a world; says how many numbers there are to show. */
  open(schema) {
    this.#bars = [];
    this.#list.replaceChildren();
    schema.channels.forEach((channel, index) => {
      if (channel.role.toLowerCase() !== 'sense' || (channel.kind !== 'vector' && channel.kind !== 'category')) {
        return;
      }

      const size = channel.kind === 'vector' ? channel.size : 1;
      for (let i = 0; i < size && this.#bars.length < mostNumbers; i++) {
        this.#bars.push(this.#bar(channel, index, i, size));
      }
    });
    return this.#bars.length;
  }

  /** Takes the values of a moment. */
  moment(values) {
    for (const bar of this.#bars) {
      bar.value = values[bar.index]?.[bar.part] ?? NaN;
    }
  }

  draw() {
    for (const { value, number, fill, least, most, labels } of this.#bars) {
      number.textContent = Number.isFinite(value) ? labels?.[value] ?? value.toFixed(2) : '–';
      const place = Number.isFinite(value) ? Math.max(0, Math.min(1, (value - least) / (most - least))) : 0;
      fill.style.transform = `scaleX(${place})`;
    }
  }

  #bar(channel, index, part, size) {
    const row = document.createElement('p');
    const name = document.createElement('span');
    name.textContent = channel.names?.[part] ?? (size === 1 ? channel.name : `${channel.name} ${part + 1}`);
    const track = document.createElement('i');
    const fill = document.createElement('b');
    const number = document.createElement('output');
    track.append(fill);
    row.append(name, track, number);
    this.#list.append(row);
    return {
      index, part, number, fill, value: NaN, labels: channel.labels,
      least: channel.minimum?.[part] ?? (channel.kind === 'category' ? 0 : -1),
      most: channel.maximum?.[part] ?? (channel.kind === 'category' ? channel.count - 1 : 1),
    };
  }
}
