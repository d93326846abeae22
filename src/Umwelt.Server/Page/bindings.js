// Which body a world gives, read from its motor channels: what each number or choice does and what moves it. Numbers that are
// named as bodies move (forward, turn) get the keys of games; others get the axes that are left, in order.

const forward = { less: ['KeyS', 'ArrowDown'], more: ['KeyW', 'ArrowUp'], axis: 'ahead', keys: 'W S' };
const aside = { less: ['KeyA'], more: ['KeyD'], axis: 'aside', keys: 'A D' };
const turn = { less: ['ArrowLeft', 'KeyQ'], more: ['ArrowRight'], axis: 'turn', keys: '← →' };
const across = { less: ['KeyA', 'ArrowLeft'], more: ['KeyD', 'ArrowRight'], axis: 'aside', keys: '← →' };
const along = { less: ['KeyS', 'ArrowDown'], more: ['KeyW', 'ArrowUp'], axis: 'ahead', keys: '↑ ↓' };
const further = [
  { less: ['KeyF'], more: ['KeyH'], keys: 'F H' },
  { less: ['KeyG'], more: ['KeyT'], keys: 'G T' },
  { less: ['KeyJ'], more: ['KeyL'], keys: 'J L' },
];

const named = new Map([
  ['forward', forward], ['strafe', aside], ['turn', turn], ['right', across], ['up', along],
  ['down', { less: along.more, more: along.less, axis: 'ahead', sign: -1, keys: along.keys }],
]);

/** The motor channels of a schema with what moves each: [{channel, parts: [{less, more, axis, ...}]}]. */
export function bind(schema) {
  const spare = [...further];
  return schema.channels.filter(channel => channel.role.toLowerCase() === 'motor').map(channel => {
    if (channel.kind === 'category') {
      return { channel, parts: choices(channel) };
    }

    const names = channel.names ?? usualNames(channel.size);
    return {
      channel,
      parts: Array.from({ length: channel.size }, (_, i) => {
        const binding = named.get(names[i]) ?? (i === 0 ? across : i === 1 ? along : spare.shift()) ?? { less: [], more: [], keys: '' };
        return {
          ...binding,
          name: names[i] ?? (channel.size === 1 ? channel.name : `${channel.name} ${i + 1}`),
          least: bounded(channel.minimum?.[i], -1),
          most: bounded(channel.maximum?.[i], 1),
        };
      }),
    };
  });
}

// A body of three numbers without names walks like the house's.
function usualNames(size) {
  return size === 3 ? ['forward', 'strafe', 'turn'] : [];
}

function choices(channel) {
  if (channel.count === 2) {
    return [{ choice: 1, more: ['KeyE', 'Space'], button: 'use', name: channel.labels?.[1] ?? channel.name, keys: 'E' }];
  }

  return Array.from({ length: Math.min(9, channel.count) }, (_, i) => (
    { choice: i, more: [`Digit${i + 1}`], name: channel.labels?.[i] ?? `${channel.name} ${i}`, keys: `${i + 1}` }));
}

function bounded(value, usual) {
  return Number.isFinite(value) ? Math.max(-1e6, Math.min(1e6, value)) : usual;
}
