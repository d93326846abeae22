// Gamepads, read once a moment: left stick or cross walks, right stick turns, the lower buttons use. Only pads whose layout
// the browser knows are heard, and small movements of sticks that no longer rest in their middle are not.

const dead = 0.16;

export class Gamepads {
  axes = { ahead: 0, aside: 0, turn: 0 };
  isDown = false;

  /** Reads what is held; says whether anything is. */
  read() {
    let ahead = 0;
    let aside = 0;
    let turn = 0;
    let isDown = false;
    for (const pad of navigator.getGamepads?.() ?? []) {
      if (!pad?.connected || pad.mapping !== 'standard') {
        continue;
      }

      const held = button => pad.buttons[button]?.pressed ? 1 : 0;
      ahead += held(12) - held(13) - moved(pad.axes[1]);
      aside += held(15) - held(14) + moved(pad.axes[0]);
      turn += moved(pad.axes[2]);
      isDown ||= held(0) + held(1) + held(2) + held(7) > 0;
    }

    const was = this.#isAnything;
    this.axes = { ahead: limited(ahead), aside: limited(aside), turn: limited(turn) };
    this.isDown = isDown;
    this.#isAnything = isDown || ahead !== 0 || aside !== 0 || turn !== 0;
    return this.#isAnything || was;
  }

  #isAnything = false;
}

function moved(value = 0) {
  return Math.abs(value) < dead ? 0 : (value - (Math.sign(value) * dead)) / (1 - dead);
}

function limited(value) {
  return Math.max(-1, Math.min(1, value));
}
