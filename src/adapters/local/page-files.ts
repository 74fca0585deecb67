import { readFile } from 'node:fs/promises'
import { extname, join, normalize, sep } from 'node:path'
import type { Pages } from '../../ports/pages.ts'

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.json': 'application/json',
  '.woff2': 'font/woff2',
}

/** The dashboard's files from a folder, and from nowhere else. */
export class PageFiles implements Pages {
  readonly #folder: string

  constructor(folder: string) {
    this.#folder = folder
  }

  async read(path: string): Promise<{ body: Uint8Array; type: string } | undefined> {
    const type = TYPES[extname(path)]
    const file = normalize(join(this.#folder, path))
    if (!type || !file.startsWith(this.#folder + sep)) return undefined
    try {
      return { body: await readFile(file), type }
    } catch {
      return undefined
    }
  }
}
