// The play protocol, version 1, as this page speaks it: how a binary message becomes a moment. Nothing is copied: what a
// moment carries are views into the message, and a message that does not fit its own lengths is refused as a whole.

export const subprotocol = 'umwelt.play.1';

const version = 1;
const momentKind = 1;
const headerBytes = 24;
const hasBeside = 1;
const utf8 = new TextDecoder();

/** Reads one message; the result is a moment, or null where the message is of a kind that this page does not know. */
export function readMoment(buffer, channels) {
  const view = new DataView(buffer);
  if (buffer.byteLength < headerBytes || view.getUint8(0) !== version) {
    throw new Error('The server speaks another version of the protocol; load the page again.');
  }

  if (view.getUint8(1) !== momentKind) {
    return null;
  }

  const moment = {
    number: view.getUint32(4, true),
    applied: view.getUint32(8, true),
    stepTime: view.getFloat32(12, true),
    waited: view.getFloat32(16, true),
    ending: view.getUint8(20),
    isFirst: view.getUint8(21) !== 0,
    values: new Array(channels.length).fill(null),
    truth: null,
    beside: null,
    surprise: null,
  };
  let offset = readChannels(view, headerBytes, view.getUint16(2, true), channels, moment.values);
  if (offset + 4 > buffer.byteLength) {
    return moment;
  }

  const length = view.getUint32(offset, true);
  offset += 4;
  if (length > 0) {
    moment.truth = JSON.parse(utf8.decode(new Uint8Array(buffer, offset, length)));
  }

  if (view.getUint8(22) & hasBeside) {
    moment.beside = new Array(channels.length).fill(null);
    offset = readChannels(view, offset + length, channels.length, channels, moment.beside);
    moment.surprise = channels.map((_, i) => view.getFloat32(offset + (4 * i), true));
  }

  return moment;
}

// Reads so many channels into their places; returns where they end.
function readChannels(view, offset, count, channels, values) {
  for (let left = count; left > 0; left--) {
    const index = view.getUint16(offset, true);
    const isPresent = view.getUint8(offset + 2) !== 0;
    const length = view.getUint32(offset + 4, true);
    offset += 8;
    if (isPresent && index < channels.length) {
      values[index] = readValue(channels[index], view.buffer, offset, length);
    }

    offset += length;
  }

  return offset;
}

function readValue(channel, buffer, offset, length) {
  const bytes = new Uint8Array(buffer, offset, length);
  switch (channel.kind) {
    case 'text': return utf8.decode(bytes);
    case 'sound': return numbers(Int16Array, bytes);
    case 'vector': return numbers(Float32Array, bytes);
    case 'category': return numbers(Int32Array, bytes);
    default: return bytes;
  }
}

// Values may lie at any offset, but typed arrays want theirs to be aligned.
function numbers(Type, bytes) {
  const size = Type.BYTES_PER_ELEMENT;
  return bytes.byteOffset % size === 0
    ? new Type(bytes.buffer, bytes.byteOffset, bytes.length / size | 0)
    : new Type(bytes.slice().buffer, 0, bytes.length / size | 0);
}
