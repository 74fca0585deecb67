import { z } from 'zod'
import { Interlock } from '../../domain/interlocks.ts'
import type { Interlocks } from '../../ports/interlocks.ts'
import { readJson } from './json-file.ts'

const InterlockFile = z.array(Interlock).max(10_000)

/** Interlocks as an exported file lists them. It is read anew each time, so that whoever writes it is heard at once. */
export class FileInterlocks implements Interlocks {
  readonly #path: string

  constructor(path: string) {
    this.#path = path
  }

  async between({
    region,
    fromMs,
    toMs,
  }: Parameters<Interlocks['between']>[0]): Promise<readonly Interlock[]> {
    const all = await readJson(this.#path, InterlockFile)
    return all.filter(
      (each) =>
        each.region === region && each.fromMs <= toMs && (each.untilMs === null || each.untilMs > fromMs),
    )
  }
}
