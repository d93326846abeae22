// Mouse and fingers. A click into the world takes the mouse: it turns the body until Escape gives it back, and its button uses.
// On a touch screen two pads lie under the thumbs, and a finger on the picture looks around; a tap uses.

const tapTime = 250;
const tapMoves = 10;
const fingerTurn = 2.2;

/** Lets the mouse and fingers on the stage move the body. */
export function attachPointer(stage, input) {
  let finger = null;

  stage.addEventListener('pointerdown', event => {
    if (event.target.closest('button, a, select')) {
      return;
    }

    stage.focus({ preventScroll: true });
    if (event.pointerType === 'mouse') {
      if (document.pointerLockElement === stage) {
        input.hold('use', true);
      } else if (event.button === 0) {
        // Safari's answer is no promise, and others refuse within a second of Escape: the next click will do.
        Promise.resolve(stage.requestPointerLock?.()).catch(() => {});
      }
    } else if (finger === null) {
      finger = { id: event.pointerId, x: event.clientX, moved: 0, since: event.timeStamp };
      stage.setPointerCapture(event.pointerId);
    }
  });

  stage.addEventListener('pointermove', event => {
    if (document.pointerLockElement === stage) {
      input.look(event.movementX);
    } else if (finger?.id === event.pointerId) {
      const moved = event.clientX - finger.x;
      finger.x = event.clientX;
      finger.moved += Math.abs(moved);
      input.look(-moved * fingerTurn);
    }
  });

  const up = event => {
    if (event.pointerType === 'mouse') {
      input.hold('use', false);
    } else if (finger?.id === event.pointerId) {
      if (event.type === 'pointerup' && finger.moved < tapMoves && event.timeStamp - finger.since < tapTime) {
        input.hold('use', true);
        input.hold('use', false);
      }

      finger = null;
    }
  };
  stage.addEventListener('pointerup', up);
  stage.addEventListener('pointercancel', up);
  document.addEventListener('pointerlockchange', () => {
    stage.classList.toggle('is-looking', document.pointerLockElement === stage);
    if (document.pointerLockElement !== stage) {
      input.hold('use', false);
    }
  });
}

/** Lets a pad under a thumb move two axes; `ahead` and `aside`, or `turn` alone. */
export function attachPad(pad, input, horizontal, vertical) {
  const knob = pad.querySelector('.knob');
  let thumb = null;

  const move = event => {
    const box = pad.getBoundingClientRect();
    const reach = box.width / 2;
    let x = (event.clientX - box.left - reach) / (reach * 0.8);
    let y = vertical ? (event.clientY - box.top - reach) / (reach * 0.8) : 0;
    const length = Math.hypot(x, y);
    if (length > 1) {
      x /= length;
      y /= length;
    }

    knob.style.transform = `translate(${x * reach * 0.55}px, ${y * reach * 0.55}px)`;
    input.lean(horizontal, settled(x));
    if (vertical) {
      input.lean(vertical, -settled(y));
    }
  };
  const end = event => {
    if (event.pointerId !== thumb) {
      return;
    }

    thumb = null;
    pad.classList.remove('is-held');
    knob.style.transform = '';
    input.lean(horizontal, 0);
    if (vertical) {
      input.lean(vertical, 0);
    }
  };
  pad.addEventListener('pointerdown', event => {
    thumb = event.pointerId;
    pad.setPointerCapture(thumb);
    pad.classList.add('is-held');
    move(event);
  });
  pad.addEventListener('pointermove', event => event.pointerId === thumb && move(event));
  pad.addEventListener('pointerup', end);
  pad.addEventListener('pointercancel', end);
}

// A thumb never rests quite in the middle.
function settled(value) {
  const size = Math.abs(value);
  return size < 0.15 ? 0 : Math.sign(value) * Math.min(1, (size - 0.15) / 0.75);
}
