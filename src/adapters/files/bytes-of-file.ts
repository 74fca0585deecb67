import { createReadStream } from 'node:fs'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'
import { FileRefused } from './file-refused.ts'

const CHUNK_BYTES = 262_144
const GZIP_MAGIC = [0x1f, 0x8b]

/** Hands a file's bytes, unpacked where they are gzip, to `take` piece by piece; `where` tells how far it got. */
export async function eachChunk(
  path: string,
  take: (chunk: Buffer) => void,
  where: () => string,
): Promise<void> {
  const file = createReadStream(path, { highWaterMark: CHUNK_BYTES })
  const drain = async (source: AsyncIterable<unknown>) => {
    for await (const chunk of source) if (Buffer.isBuffer(chunk)) take(chunk)
  }
  try {
    if (await startsAsGzip(file)) await pipeline(file, createGunzip({ chunkSize: CHUNK_BYTES }), drain)
    else await pipeline(file, drain)
  } catch (error) {
    throw refusal(path, error, where) ?? error
  } finally {
    file.destroy()
  }
}

async function startsAsGzip(file: Readable): Promise<boolean> {
  const head = await new Promise<Buffer>((resolve, reject) => {
    file.once('error', reject)
    file.once('end', () => resolve(Buffer.alloc(0)))
    file.once('readable', () => {
      const chunk: unknown = file.read()
      resolve(Buffer.isBuffer(chunk) ? chunk : Buffer.alloc(0))
    })
  })
  if (head.length > 0) file.unshift(head)
  return GZIP_MAGIC.every((byte, at) => head[at] === byte)
}

function refusal(path: string, error: unknown, where: () => string): FileRefused | undefined {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  switch (code) {
    case 'ENOENT':
    case 'ENOTDIR':
      return new FileRefused(`${path} is not there; check the path`)
    case 'EISDIR':
      return new FileRefused(`${path} is a directory; expected a file`)
    case 'EACCES':
    case 'EPERM':
      return new FileRefused(`${path} may not be read; give this user read permission`)
    case 'Z_BUF_ERROR':
      return new FileRefused(
        `${path} is cut off: its gzip data end too early, ${where()}; copy or export it again`,
      )
    case 'Z_DATA_ERROR':
    case 'Z_NEED_DICT':
      return new FileRefused(
        `${path} is damaged: its gzip data can't be unpacked ${where()}; export it again`,
      )
    default:
      return undefined
  }
}
