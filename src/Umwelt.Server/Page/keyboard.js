// Keys: those that move the body are held, the others are commands of the page, one letter each. Fields keep their keys,
// buttons keep Enter and the space bar, and whatever comes with Ctrl, Alt or the like belongs to the browser.

/** Lets keys move the body and run commands, {letter: what to do}. */
export function attachKeyboard(input, commands) {
  addEventListener('keydown', event => {
    // A ring around the world helps whoever walks through the page by Tab, and disturbs whoever walks through the world.
    document.body.classList.toggle('is-tabbing', event.key === 'Tab');
    if (event.ctrlKey || event.metaKey || event.altKey || isTaken(event)) {
      return;
    }

    if (input.knows(event.code)) {
      event.preventDefault();
      if (!event.repeat) {
        input.press(event.code);
      }

      return;
    }

    const command = commands[event.key.toLowerCase()];
    if (command && !event.repeat) {
      event.preventDefault();
      command();
    }
  });
  addEventListener('keyup', event => input.lift(event.code));
}

function isTaken(event) {
  const target = event.target;
  const field = target.closest?.('input, select, textarea');
  // What is chosen with arrows needs no letters.
  return (field?.type === 'radio' || field?.type === 'range' ? /^(Arrow|Page|Home|End|Space)/u.test(event.code) : field) || (target.closest?.('button, a') && (event.code === 'Space' || event.code === 'Enter'));
}
