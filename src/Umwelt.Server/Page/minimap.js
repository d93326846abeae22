// The house from above, as it truly is: rooms in their colours, doors as far as they are open, the ball, the lamp that hums,
// the way one came, and oneself with the part of the house that is in sight.

const sightAngle = 80 * Math.PI / 180;
const sightLength = 3.2;
const trailLength = 240;
const jump = 1;
const directions = ['east', 'south-east', 'south', 'south-west', 'west', 'north-west', 'north', 'north-east'];

export class Minimap {
  #canvas;
  #context;
  #map = null;
  #truth = null;
  #trail = [];
  #colours = {};
  #label = '';

  constructor(canvas) {
    this.#canvas = canvas;
    this.#context = canvas.getContext('2d');
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => this.#readColours());
  }

  /** Takes the plan of a house, or null where there is none. */
  open(map) {
    this.#map = map ?? null;
    this.#truth = null;
    this.#trail = [];
    this.#readColours();
  }

  get isOpen() {
    return this.#map !== null;
  }

  /** Takes what is true of a moment. */
  moment(truth, isFirst) {
    if (!this.#map || !truth) {
      return;
    }

    const { x, y } = truth.pose;
    const last = this.#trail.at(-1);
    if (isFirst || (last && Math.hypot(x - last[0], y - last[1]) > jump)) {
      this.#trail = [];
    }

    this.#trail.push([x, y]);
    if (this.#trail.length > trailLength) {
      this.#trail.shift();
    }

    this.#truth = truth;
  }

  /** Says where one is, such as "the blue room, looking north". */
  describe() {
    if (!this.#map || !this.#truth) {
      return '';
    }

    const { room, pose } = this.#truth;
    const name = typeof room === 'number' ? this.#map.rooms[room]?.name ?? '' : room;
    const direction = directions[((Math.round(pose.heading / (Math.PI / 4)) % 8) + 8) % 8];
    return `${name}, looking ${direction}`;
  }

  draw() {
    const width = this.#canvas.clientWidth;
    if (!this.#map || width === 0) {
      return;
    }

    const margin = 0.25;
    const scale = width / (this.#map.width + (2 * margin));
    const height = (this.#map.height + (2 * margin)) * scale;
    const ratio = window.devicePixelRatio || 1;
    const pixels = [Math.round(width * ratio), Math.round(height * ratio)];
    if (this.#canvas.width !== pixels[0] || this.#canvas.height !== pixels[1]) {
      [this.#canvas.width, this.#canvas.height] = pixels;
      this.#canvas.style.aspectRatio = `${pixels[0]} / ${pixels[1]}`;
    }

    const pen = this.#context;
    pen.setTransform(ratio * scale, 0, 0, ratio * scale, margin * scale * ratio, margin * scale * ratio);
    pen.clearRect(-margin, -margin, this.#map.width + 1, this.#map.height + 1);
    pen.lineCap = 'round';
    pen.lineJoin = 'round';
    this.#drawRooms(pen);
    this.#drawThings(pen);
    this.#drawWalls(pen);
    if (this.#truth) {
      this.#drawTrail(pen);
      this.#drawMoving(pen);
    }

    const label = `Map: ${this.describe()}`;
    if (label !== this.#label) {
      this.#label = label;
      this.#canvas.setAttribute('aria-label', label);
    }
  }

  #readColours() {
    const style = getComputedStyle(document.documentElement);
    for (const name of ['text', 'accent', 'map-wall', 'map-ball']) {
      this.#colours[name] = style.getPropertyValue(`--${name}`).trim();
    }
  }

  #drawRooms(pen) {
    for (const room of this.#map.rooms) {
      pen.fillStyle = room.colour ?? room.color ?? '#888';
      pen.globalAlpha = 0.5;
      for (const rectangle of room.rectangles ?? []) {
        const [x, y, width, height] = Array.isArray(rectangle) ? rectangle : [rectangle.x, rectangle.y, rectangle.width, rectangle.height];
        pen.fillRect(x, y, width, height);
      }
    }

    pen.globalAlpha = 1;
  }

  #drawThings(pen) {
    pen.fillStyle = this.#colours['map-wall'];
    pen.globalAlpha = 0.35;
    for (const thing of this.#map.things ?? []) {
      if (thing.kind !== 'lamp') {
        dot(pen, thing.x, thing.y, 0.16);
      }
    }

    pen.globalAlpha = 1;
    const lamps = this.#map.lamps ?? [];
    lamps.forEach((index, lamp) => {
      const thing = this.#map.things?.[index];
      if (!thing) {
        return;
      }

      pen.fillStyle = this.#colours.accent;
      if (lamp === this.#truth?.lamp) {
        pen.globalAlpha = 0.3;
        dot(pen, thing.x, thing.y, 0.75);
        pen.globalAlpha = 1;
        dot(pen, thing.x, thing.y, 0.24);
      } else {
        pen.globalAlpha = 0.45;
        dot(pen, thing.x, thing.y, 0.16);
      }

      pen.globalAlpha = 1;
    });
  }

  #drawWalls(pen) {
    pen.strokeStyle = this.#colours['map-wall'];
    pen.lineWidth = 0.13;
    pen.beginPath();
    for (const wall of this.#map.walls) {
      const [x0, y0, x1, y1] = ends(wall);
      pen.moveTo(x0, y0);
      pen.lineTo(x1, y1);
    }

    pen.stroke();
    pen.lineWidth = 0.16;
    pen.strokeStyle = this.#colours.text;
    pen.beginPath();
    this.#map.doors.forEach((door, i) => {
      const [x0, y0, x1, y1] = ends(door);
      const open = 0.9 * (this.#truth?.doors?.[i] ?? 0);
      pen.moveTo(x0 + ((x1 - x0) * open), y0 + ((y1 - y0) * open));
      pen.lineTo(x1, y1);
    });
    pen.globalAlpha = 0.55;
    pen.stroke();
    pen.globalAlpha = 1;
  }

  #drawTrail(pen) {
    pen.strokeStyle = this.#colours.text;
    pen.lineWidth = 0.07;
    pen.globalAlpha = 0.35;
    pen.beginPath();
    for (const [x, y] of this.#trail) {
      pen.lineTo(x, y);
    }

    pen.stroke();
    pen.globalAlpha = 1;
  }

  #drawMoving(pen) {
    const { pose, ball } = this.#truth;
    if (ball) {
      pen.fillStyle = this.#colours['map-ball'];
      dot(pen, ball.x, ball.y, 0.2);
    }

    const light = pen.createRadialGradient(pose.x, pose.y, 0, pose.x, pose.y, sightLength);
    light.addColorStop(0, this.#colours.text);
    light.addColorStop(1, 'transparent');
    pen.save();
    pen.beginPath();
    pen.rect(0, 0, this.#map.width, this.#map.height);
    pen.clip();
    pen.fillStyle = light;
    pen.globalAlpha = 0.3;
    pen.beginPath();
    pen.moveTo(pose.x, pose.y);
    pen.arc(pose.x, pose.y, sightLength, pose.heading - (sightAngle / 2), pose.heading + (sightAngle / 2));
    pen.fill();
    pen.restore();
    pen.fillStyle = this.#colours.text;
    pen.beginPath();
    for (const [angle, length] of [[0, 0.48], [2.5, 0.4], [Math.PI, 0.16], [-2.5, 0.4]]) {
      pen.lineTo(pose.x + (Math.cos(pose.heading + angle) * length), pose.y + (Math.sin(pose.heading + angle) * length));
    }

    pen.fill();
  }
}

function ends(line) {
  return Array.isArray(line) ? line : [line.x0, line.y0, line.x1, line.y1];
}

function dot(pen, x, y, radius) {
  pen.beginPath();
  pen.arc(x, y, radius, 0, 2 * Math.PI);
  pen.fill();
}
