import type { ContainerClient } from '@azure/storage-blob'
import { Anchor } from '../../domain/audit.ts'
import type { Anchors } from '../../ports/anchors.ts'
import { isThereAlready } from './blob-answers.ts'

/** Numbers are padded, so that the order of names is theirs. */
const DIGITS = 10

/**
 * Anchors as blobs of a container whose immutability policy lets nobody change or delete them, the app included. Each is
 * written once, under the condition that its name is free.
 */
export class BlobAnchors implements Anchors {
  readonly #container: ContainerClient

  constructor(container: ContainerClient) {
    this.#container = container
  }

  async keep(anchor: Anchor): Promise<'kept' | 'keptBefore' | 'conflict'> {
    const blob = this.#container.getBlockBlobClient(nameOf(anchor.chain, anchor.number))
    const text = JSON.stringify(anchor)
    try {
      await blob.upload(text, Buffer.byteLength(text), { conditions: { ifNoneMatch: '*' } })
      return 'kept'
    } catch (error) {
      if (!isThereAlready(error)) throw error
      return (await this.#read(blob.name)).hash === anchor.hash ? 'keptBefore' : 'conflict'
    }
  }

  async list(chain: string): Promise<readonly Anchor[]> {
    const anchors: Anchor[] = []
    for await (const { name } of this.#container.listBlobsFlat({ prefix: folderOf(chain) }))
      anchors.push(await this.#read(name))
    return anchors.toSorted((a, b) => a.number - b.number)
  }

  async #read(name: string): Promise<Anchor> {
    const bytes = await this.#container.getBlobClient(name).downloadToBuffer()
    return Anchor.parse(JSON.parse(bytes.toString('utf8')))
  }
}

function folderOf(chain: string): string {
  return `${encodeURIComponent(chain)}/`
}

function nameOf(chain: string, number: number): string {
  return `${folderOf(chain)}${String(number).padStart(DIGITS, '0')}.json`
}
