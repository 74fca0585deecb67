import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll } from 'vitest'

/** Writes files for one test file into a folder of its own, which goes away with the tests. */
export function aFolder() {
  const folder = mkdtempSync(join(tmpdir(), 'restamp-files-'))
  let count = 0
  afterAll(() => rmSync(folder, { recursive: true, force: true }))
  const write = (name: string, content: string | Buffer) => {
    count += 1
    const path = join(folder, `${count}-${name}`)
    writeFileSync(path, content)
    return path
  }
  return {
    folder,
    write,
    csv: (...lines: string[]) => write('data.csv', `${lines.join('\n')}\n`),
    gzip: (content: string) => write('data.csv.gz', gzipSync(content)),
  }
}
