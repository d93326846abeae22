// Writes tokenizers.json: small tokenizers of several styles, and the ids and texts that Hugging Face's own library makes with them.
// npm install tokenizers@0.23.2, then: node tokenizers.js
const fs = require('fs');
const os = require('os');
const path = require('path');
const { Tokenizer } = require('tokenizers');

const TEXT = 'The fox does not open the red door. The door is still closed, so the fox goes to sleep. "Don\'t wake it," says the owl; '
  + 'it\'s late, and they\'ve walked 1234 miles since 2019. Naïve cafés: déjà vu! Дом стоит у дома. 你好，世界。世界，你好。';
const LLAMA3 = "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";
const QWEN2 = LLAMA3.replace('{1,3}', '');
const byteLevel = (regex, space) => ({ type: 'ByteLevel', add_prefix_space: space, trim_offsets: true, use_regex: regex });
const split = (regex) => ({
  type: 'Sequence',
  pretokenizers: [{ type: 'Split', pattern: { Regex: regex }, behavior: 'Isolated', invert: false }, byteLevel(false, false)],
});
const added = (id, content, other) => ({
  id, content, single_word: false, lstrip: false, rstrip: false, normalized: false, special: true, ...other,
});
const template = (before, after) => ({
  type: 'TemplateProcessing',
  single: [...before.map((t) => ({ SpecialToken: { id: t[0], type_id: 0 } })), { Sequence: { id: 'A', type_id: 0 } },
    ...after.map((t) => ({ SpecialToken: { id: t[0], type_id: 0 } }))],
  pair: [{ Sequence: { id: 'A', type_id: 0 } }, { Sequence: { id: 'B', type_id: 1 } }],
  special_tokens: Object.fromEntries([...before, ...after].map((t) => [t[0], { id: t[0], ids: [t[1]], tokens: [t[0]] }])),
});
const bpe = (vocab, merges, other) => ({
  type: 'BPE', dropout: null, unk_token: null, continuing_subword_prefix: null, end_of_word_suffix: null, fuse_unk: false, byte_fallback: false,
  ignore_merges: false, vocab, merges, ...other,
});

// The library trains on what occurs; the alphabet is made whole afterwards, so that every byte has a token.
function train(parts, alphabet) {
  const file = path.join(fs.mkdtempSync(path.join(os.tmpdir(), 'golden-')), 'text.txt');
  fs.writeFileSync(file, TEXT);
  const tokenizer = Tokenizer.fromString(JSON.stringify({ version: '1.0', truncation: null, padding: null, added_tokens: [], ...parts, model: bpe({}, []) }));
  tokenizer.train([file]);
  tokenizer.save(file, false);
  const { model } = JSON.parse(fs.readFileSync(file));
  const merges = model.merges.map((m) => (Array.isArray(m) ? m : m.split(' '))).slice(0, 150);
  const characters = Object.keys(model.vocab).filter((t) => [...t].length === 1);
  const tokens = [...new Set([...alphabet, ...characters.sort(), ...merges.map((m) => m.join(''))])];
  return { vocab: Object.fromEntries(tokens.map((t, i) => [t, i])), merges };
}

function byteAlphabet() {
  const printable = (b) => (b >= 33 && b <= 126) || (b >= 161 && b <= 172) || b >= 174;
  let next = 256;
  const all = [];
  for (let b = 0; b < 256; b++) all.push(String.fromCodePoint(printable(b) ? b : next++));
  return all.sort();
}

function make() {
  const none = { normalizer: null, post_processor: null, decoder: byteLevel(true, true) };
  const styles = {};
  let parts = { ...none, pre_tokenizer: byteLevel(true, false) };
  let { vocab, merges } = train(parts, byteAlphabet());
  let n = Object.keys(vocab).length;
  styles['gpt2'] = { ...parts, added_tokens: [added(n, '<|endoftext|>'), added(n + 1, '<mask>', { lstrip: true }), added(n + 2, '<sep>', { rstrip: true }),
    added(n + 3, 'owl', { special: false, single_word: true })], model: bpe(vocab, merges.map((m) => m.join(' '))) };
  styles['digits'] = { ...parts, pre_tokenizer: { type: 'Sequence', pretokenizers: [{ type: 'Digits', individual_digits: true }, byteLevel(true, true)] },
    added_tokens: [], model: bpe(vocab, merges) };
  parts = { ...none, pre_tokenizer: split(LLAMA3) };
  ({ vocab, merges } = train(parts, byteAlphabet()));
  n = Object.keys(vocab).length;
  styles['llama3'] = { ...parts, post_processor: { type: 'Sequence', processors: [byteLevel(true, false), template([['<|begin|>', n + 1]], [])] },
    added_tokens: [added(n + 1, '<|begin|>'), added(n + 2, '<|end|>')], model: bpe({ ...vocab, 'Ġwakeful': n }, merges, { ignore_merges: true }) };
  parts = { ...none, pre_tokenizer: split(QWEN2) };
  ({ vocab, merges } = train(parts, byteAlphabet()));
  n = Object.keys(vocab).length;
  styles['qwen2'] = { ...parts, normalizer: { type: 'NFC' }, added_tokens: [added(n, '<|im_start|>'), added(n + 1, '<tool>', { special: false, normalized: true })],
    model: bpe(vocab, merges) };
  const bytes = Array.from({ length: 256 }, (_, b) => `<0x${b.toString(16).toUpperCase().padStart(2, '0')}>`);
  const metaspace = (scheme, cut) => ({ type: 'Metaspace', replacement: '▁', prepend_scheme: scheme, split: cut });
  parts = { ...none, decoder: null, pre_tokenizer: metaspace('always', true) };
  ({ vocab, merges } = train(parts, ['<unk>', '<s>', '</s>', ...bytes, '▁', 'é', '好']));
  const frame = [added(0, '<unk>'), added(1, '<s>'), added(2, '</s>')];
  const fallback = { unk_token: '<unk>', fuse_unk: true, byte_fallback: true };
  styles['llama2'] = {
    normalizer: { type: 'Sequence', normalizers: [{ type: 'Prepend', prepend: '▁' }, { type: 'Replace', pattern: { String: ' ' }, content: '▁' }] },
    pre_tokenizer: null, post_processor: template([['<s>', 1]], [['</s>', 2]]),
    decoder: { type: 'Sequence', decoders: [{ type: 'Replace', pattern: { String: '▁' }, content: ' ' }, { type: 'ByteFallback' }, { type: 'Fuse' },
      { type: 'Strip', content: ' ', start: 1, stop: 0 }] },
    added_tokens: frame, model: bpe(vocab, merges, fallback),
  };
  styles['metaspace'] = { normalizer: null, pre_tokenizer: metaspace('first', false), post_processor: null, decoder: metaspace('first', false),
    added_tokens: frame, model: bpe(vocab, merges, fallback) };
  styles['unknown'] = { ...styles['llama2'], model: bpe(vocab, merges, { unk_token: '<unk>', fuse_unk: true }) };
  return styles;
}

const PROBES = [
  TEXT, '', ' ', '  The  fox \n\n goes', "DON'T they'VE it'S 'ſo", '1234567 ٣٤٥ ½', 'wakeful wakefulness awake', 'owl owls an_owl "owl"', 'door <mask>  <sep>  door',
  '<|endoftext|>red<|begin|>fox<|end|> <|im_start|>owl <tool> </s><s>the<unk>', 'Cafe\u0301 de\u0301ja\u0300 \u1112\u1161\u11ab', '𝓐𝓑 𐐀𐐨 😀👍🏽', '你好 世界，ﬁ ζ',
  'the▁fox ▁▁ \t x', 'Дом дома.', '\r\n\r\n  a\u00a0b\u3000c',
];

async function main() {
  const cases = [];
  for (const [name, parts] of Object.entries(make())) {
    const file = { version: '1.0', truncation: null, padding: null, ...parts };
    const tokenizer = Tokenizer.fromString(JSON.stringify(file));
    const probes = [];
    for (const text of PROBES) {
      const plain = (await tokenizer.encode(text, null, { addSpecialTokens: false })).getIds();
      const framed = (await tokenizer.encode(text, null, { addSpecialTokens: true })).getIds();
      probes.push({ text, plain: [...plain], framed: [...framed], decoded: plain.length ? await tokenizer.decode([...plain], true) : '' });
    }
    cases.push({ name, file, probes });
  }
  const lines = cases.map((c) => `{"name":"${c.name}","file":${JSON.stringify(c.file)},\n"probes":[\n${c.probes.map((p) => JSON.stringify(p)).join(',\n')}]}`);
  fs.writeFileSync(path.join(__dirname, 'tokenizers.json'), `[\n${lines.join(',\n')}\n]\n`);
}

main();
