import { createHash } from 'node:crypto'
import { promisify } from 'node:util'
import { gunzip, gzip } from 'node:zlib'
import type { ContainerClient } from '@azure/storage-blob'
import { isThereAlready } from './blob-answers.ts'

/** What a document refers to is not what is kept under that name: somebody changed it. */
export class PayloadChanged extends Error {
  override readonly name = 'PayloadChanged'
}

/** Texts too large for a document, gzipped, each under its own SHA-256: written once, never changed, the same text once. */
export class BlobPayloads {
  readonly #container: ContainerClient

  constructor(container: ContainerClient) {
    this.#container = container
  }

  /** The name of the text, 64 hex digits. */
  async keep(text: string): Promise<string> {
    const digest = digestOf(text)
    const bytes = await promisify(gzip)(text)
    try {
      const blob = this.#container.getBlockBlobClient(nameOf(digest))
      await blob.upload(bytes, bytes.length, { conditions: { ifNoneMatch: '*' } })
    } catch (error) {
      if (!isThereAlready(error)) throw error
    }
    return digest
  }

  /** Throws `PayloadChanged`. */
  async read(digest: string): Promise<string> {
    const bytes = await this.#container.getBlobClient(nameOf(digest)).downloadToBuffer()
    const text = (await promisify(gunzip)(bytes)).toString('utf8')
    if (digestOf(text) === digest) return text
    throw new PayloadChanged(
      `the payload ${digest} has another content than it was kept with; restore it from a backup`,
    )
  }
}

function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

function nameOf(digest: string): string {
  return `${digest}.json.gz`
}
