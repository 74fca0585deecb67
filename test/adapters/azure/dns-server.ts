import { createSocket } from 'node:dgram'

const TYPES = { A: 1, NS: 2, CNAME: 5 } as const
const HEADER_BYTES = 12
/** A name that is written where the question has it. */
const SAME_NAME = [0xc0, HEADER_BYTES]

/** Name servers on a loopback port, which know these records, `TYPE name` to what it is, and of no other. */
export async function startDnsServer(records: Readonly<Record<string, string>>) {
  const socket = createSocket('udp4')
  socket.on('message', (asked, { port, address }) => socket.send(answer(asked, records), port, address))
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve))
  return {
    port: socket.address().port,
    stop: () => new Promise<void>((resolve) => socket.close(() => resolve())),
  }
}

function answer(asked: Buffer, records: Readonly<Record<string, string>>): Buffer {
  const { name, end } = nameAt(asked)
  const wanted = asked.readUInt16BE(end)
  const [type = ''] = Object.entries(TYPES).find(([, code]) => code === wanted) ?? []
  const value = records[`${type} ${name}`]
  const data =
    value === undefined
      ? undefined
      : type === 'A'
        ? Buffer.from(value.split('.').map(Number))
        : encoded(value)
  const head = Buffer.alloc(HEADER_BYTES)
  asked.copy(head, 0, 0, 2)
  head.writeUInt16BE(0x8580, 2) // An answer, by who has the zone.
  head.writeUInt16BE(1, 4)
  head.writeUInt16BE(data ? 1 : 0, 6)
  const question = asked.subarray(HEADER_BYTES, end + 4)
  if (!data) return Buffer.concat([head, question])
  const record = Buffer.alloc(10)
  record.writeUInt16BE(wanted, 0)
  record.writeUInt16BE(1, 2)
  record.writeUInt32BE(10, 4)
  record.writeUInt16BE(data.length, 8)
  return Buffer.concat([head, question, Buffer.from(SAME_NAME), record, data])
}

function nameAt(asked: Buffer): { name: string; end: number } {
  const labels: string[] = []
  let at = HEADER_BYTES
  for (let length = asked[at] ?? 0; length > 0; length = asked[at] ?? 0) {
    labels.push(asked.subarray(at + 1, at + 1 + length).toString('latin1'))
    at += 1 + length
  }
  return { name: labels.join('.').toLowerCase(), end: at + 1 }
}

function encoded(name: string): Buffer {
  const labels = name
    .split('.')
    .map((label) => Buffer.concat([Buffer.from([label.length]), Buffer.from(label, 'latin1')]))
  return Buffer.concat([...labels, Buffer.from([0])])
}
