// Makes the files of this folder with writers that are not ours. Run it where these packages are installed:
//   npm install parquet-wasm@0.8.0 apache-arrow@21.2.0 hyparquet-writer@0.17.0 parquetjs@0.11.2
//   node make.mjs <folder>
// Row i of every file is a formula of i, which the tests know.
import * as arrow from 'apache-arrow'
import * as wasm from 'parquet-wasm'
import { parquetWriteFile } from 'hyparquet-writer'
import parquetjs from 'parquetjs'
import fs from 'fs'
import path from 'path'

const folder = process.argv[2] ?? '.'
const rows = 40
const index = [...Array(rows).keys()]
const f = (name, type, nullable = true) => new arrow.Field(name, type, nullable)
const list = type => new arrow.List(f('element', type))

const columns = {
  flag: [new arrow.Bool(), i => i % 3 === 0],
  small: [new arrow.Int8(), i => i - 20],
  byte: [new arrow.Uint8(), i => 255 - i],
  word: [new arrow.Uint32(), i => 4294967295 - i],
  long: [new arrow.Int64(), i => BigInt(i) * -1000000007n],
  single: [new arrow.Float32(), i => i % 7 === 6 ? null : i / 8],
  double: [new arrow.Float64(), i => i / 3],
  text: [new arrow.Utf8(), i => i % 5 === 4 ? null : `word ${i % 6} \u00e4`],
  time: [new arrow.TimestampMicrosecond(), i => 1700000000000 + i],
  pair: [list(new arrow.Float32()), i => i % 4 === 3 ? null : [...Array(i % 4).keys()].map(k => i + k / 4)],
  deep: [list(list(new arrow.Int32())), i => i % 5 === 0 ? [] : [[i], [], null, [i, null, -i]].slice(0, i % 5)],
  body: [new arrow.Struct([f('name', new arrow.Utf8()), f('size', new arrow.Int32())]), i => i % 6 === 5 ? null : { name: `n${i}`, size: i % 2 ? i : null }],
}

const schema = new arrow.Schema(Object.entries(columns).map(([name, [type]]) => f(name, type)))
const vectors = Object.fromEntries(Object.entries(columns).map(([name, [type, value]]) => [name, arrow.vectorFromArray(index.map(value), type)]))
const table = new arrow.Table(schema, vectors)
const E = wasm.Encoding, C = wasm.Compression, V = wasm.WriterVersion

const write = (name, change) => {
  let p = new wasm.WriterPropertiesBuilder().setMaxRowGroupSize(25).setKeyValueMetadata(new Map([['made', 'by arrow']]))
  p = change(p)
  fs.writeFileSync(path.join(folder, name), wasm.writeParquet(wasm.Table.fromIPCStream(arrow.tableToIPC(table, 'stream')), p.build()))
}

write('arrow-v1-snappy.parquet', p => p.setCompression(C.SNAPPY))
write('arrow-v2-snappy.parquet', p => p.setCompression(C.SNAPPY).setWriterVersion(V.V2)
  .setEncoding(E.PLAIN).setDictionaryEnabled(true).setColumnDictionaryEnabled('long', false).setColumnEncoding('flag', E.RLE))
write('arrow-v1-plain.parquet', p => p.setCompression(C.UNCOMPRESSED).setDictionaryEnabled(false).setEncoding(E.PLAIN))
write('arrow-v1-gzip.parquet', p => p.setCompression(C.GZIP))
write('arrow-v1-zstd.parquet', p => p.setCompression(C.ZSTD))
write('arrow-v2-delta.parquet', p => p.setCompression(C.SNAPPY).setWriterVersion(V.V2).setDictionaryEnabled(false)
  .setColumnEncoding('single', E.BYTE_STREAM_SPLIT))

parquetWriteFile({
  filename: path.join(folder, 'hyparquet.parquet'),
  columnData: [
    { name: 'single', data: index.map(i => i / 8), type: 'FLOAT' },
    { name: 'text', data: index.map(i => `word ${i % 6} \u00e4`), type: 'STRING' },
    { name: 'long', data: index.map(i => BigInt(i) * -1000000007n), type: 'INT64' },
  ],
  rowGroupSize: 25,
})

// Repeated fields without the groups of the list type: lists as old writers made them.
const old = new parquetjs.ParquetSchema({
  long: { type: 'INT64' },
  flag: { type: 'BOOLEAN' },
  pair: { type: 'DOUBLE', repeated: true, compression: 'SNAPPY' },
  many: { repeated: true, fields: { name: { type: 'UTF8', compression: 'GZIP' }, size: { type: 'INT32', optional: true } } },
})
const writer = await parquetjs.ParquetWriter.openFile(old, path.join(folder, 'parquetjs.parquet'), { useDataPageV2: false })
for (const i of index) {
  await writer.appendRow({
    long: i, flag: i % 3 === 0, pair: [...Array(i % 4).keys()].map(k => i + k / 4),
    many: [...Array(i % 3).keys()].map(k => k % 2 ? { name: `m${i}.${k}` } : { name: `m${i}.${k}`, size: k }),
  })
}
await writer.close()
