// A line of numbers over time, as small as a word: the latest at the right, nothing where a number is not known.

let colour = '';
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => colour = '');

/** Draws values onto a canvas, which has room for so many. */
export function plot(canvas, values, { from, history = values.length } = {}) {
  const width = canvas.clientWidth;
  const height = canvas.clientHeight;
  if (width === 0) {
    return;
  }

  colour ||= getComputedStyle(document.documentElement).getPropertyValue('--accent').trim();
  const ratio = window.devicePixelRatio || 1;
  canvas.width = Math.round(width * ratio);
  canvas.height = Math.round(height * ratio);
  const known = values.filter(Number.isFinite);
  const least = from ?? Math.min(0, ...known);
  const most = Math.max(least + 1e-3, ...known) * 1.15;
  const pen = canvas.getContext('2d');
  pen.scale(ratio, ratio);
  pen.strokeStyle = colour;
  pen.lineWidth = 1.5;
  pen.lineJoin = 'round';
  pen.beginPath();
  values.forEach((value, i) => {
    if (Number.isFinite(value)) {
      pen.lineTo(width - ((values.length - 1 - i) * width / Math.max(1, history - 1)), height - 1 - ((value - least) / (most - least) * (height - 2)));
    }
  });
  pen.stroke();
}
