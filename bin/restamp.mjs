#!/usr/bin/env node
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { runInPlace } from '../scripts/setup/process.mjs'
import { setUp } from '../scripts/setup.mjs'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const main = join(root, 'dist', 'cli', 'main.js')

const node = await setUp(root)
if (node === process.execPath) {
  await import(pathToFileURL(main).href)
} else {
  const args = ['--disable-warning=ExperimentalWarning', main, ...process.argv.slice(2)]
  process.exitCode = await runInPlace(node, args, { channel: 'ipc' })
}
