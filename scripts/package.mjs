import {
  cpSync,
  createWriteStream,
  existsSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import yazl from 'yazl'
import { bundle } from './package/bundle.mjs'
import { noticesOf } from './package/notices.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
/** The earliest time that a zip can hold: the same files make the same bytes. */
const ALWAYS = new Date(1980, 0, 1)
const EXIT_USAGE = 2

/** What a deployment may bring, by the option that names it; without one, what lies under this name in infra/. */
const BROUGHT = { map: 'azure-map.json', policy: 'policies.json', template: 'stamp-template.json' }

const { values } = parseArgs({
  options: {
    out: { type: 'string', default: join(root, '.package') },
    map: { type: 'string' },
    policy: { type: 'string' },
    template: { type: 'string' },
  },
})
const missing = Object.keys(BROUGHT).find((option) => values[option] && !existsSync(values[option]))
if (missing) {
  process.stderr.write(`${values[missing]} is not there; name another file with --${missing}.\n`)
  process.exit(EXIT_USAGE)
}

const brought = Object.entries(BROUGHT)
  .map(([option, name]) => ({ name, path: values[option] ?? join(root, 'infra', name) }))
  .filter(({ path }) => existsSync(path))
// As `restamp init` and infra/stamp-template mark what somebody has yet to say.
const unfilled = brought.find(({ path }) => readFileSync(path, 'utf8').includes('"? fill in:'))
if (unfilled) {
  process.stderr.write(`${unfilled.path} holds values marked "? fill in"; fill them in first.\n`)
  process.exit(EXIT_USAGE)
}

const folder = values.out
const zip = `${folder}.zip`
rmSync(folder, { recursive: true, force: true })
const modules = await bundle(root, folder)
writeFileSync(join(folder, 'THIRD-PARTY.txt'), noticesOf(root, modules))
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
const manifest = { name: 'restamp', version, private: true, type: 'module', main: 'main.js' }
writeFileSync(join(folder, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`)
cpSync(join(root, 'host.json'), join(folder, 'host.json'))
cpSync(join(root, 'LICENSE'), join(folder, 'LICENSE'))
cpSync(join(root, 'dist', 'dashboard'), join(folder, 'dashboard'), { recursive: true })
for (const { name, path } of brought) cpSync(path, join(folder, name))
const { files, bytes } = await pack()
process.stdout.write(`${zip}: ${files} files, ${(bytes / 1e6).toFixed(2)} MB\n`)

async function pack() {
  const archive = new yazl.ZipFile()
  const names = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) =>
      join(entry.parentPath, entry.name)
        .slice(folder.length + 1)
        .replaceAll('\\', '/'),
    )
    .toSorted()
  for (const name of names) archive.addFile(join(folder, name), name, { mtime: ALWAYS, mode: 0o100644 })
  archive.end()
  const out = createWriteStream(zip)
  await pipeline(archive.outputStream, out)
  return { files: names.length, bytes: out.bytesWritten }
}
