import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { SetupFailed } from './failed.mjs'
import { capture } from './process.mjs'

const INPUTS = ['package-lock.json', 'tsconfig.json', 'vite.config.ts']

/** Whether dist was built from the sources as they are now. */
export function buildReady(root) {
  const stamp = join(root, 'dist', '.stamp')
  return existsSync(stamp) && readFileSync(stamp, 'utf8') === sourcesHash(root)
}

/** Builds beside dist and swaps it in last, so that dist is always one whole build. */
export async function build(root, node) {
  const hash = sourcesHash(root)
  // A name of its own: the compiler of a set-up that was killed may still be writing into the last one.
  const next = join(root, `.dist-next-${process.pid}`)
  const old = join(root, '.dist-old')
  for (const name of readdirSync(root).filter((each) => each.startsWith('.dist-next'))) {
    await rm(join(root, name), { recursive: true, force: true })
  }
  await run(root, node, ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.json', '--outDir', next])
  if (existsSync(join(root, 'vite.config.ts'))) {
    const out = join(next, 'dashboard')
    await run(root, node, ['node_modules/vite/bin/vite.js', 'build', '--outDir', out, '--emptyOutDir'])
  }
  writeFileSync(join(next, '.stamp'), hash)
  await rm(old, { recursive: true, force: true })
  if (existsSync(join(root, 'dist'))) await rename(join(root, 'dist'), old)
  await rename(next, join(root, 'dist'))
  await rm(old, { recursive: true, force: true })
}

async function run(root, node, args) {
  const { code, stdout, stderr } = await capture(node, args, { cwd: root })
  if (code !== 0) throw new SetupFailed("Restamp's sources do not build", `${stdout}${stderr}`.trim())
}

/** Content, not times: a checkout that changes nothing builds nothing. */
function sourcesHash(root) {
  const hash = createHash('sha256')
  const files = readdirSync(join(root, 'src'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
    .concat(INPUTS.map((name) => join(root, name)).filter((path) => existsSync(path)))
    .sort()
  for (const path of files)
    hash.update(path.slice(root.length)).update('\0').update(readFileSync(path)).update('\0')
  return hash.digest('hex')
}
