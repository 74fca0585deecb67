import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { runNpm } from './npm.mjs'
import { withNode } from './process.mjs'

/** Whether what package-lock.json asks for is what node_modules holds. */
export function dependenciesReady(root) {
  const wanted = lockHash(root)
  if (readText(stampOf(root)) === wanted) return true
  if (!installedMatches(root)) return false
  // Somebody ran npm themselves; what they have is right, so there is nothing to do again.
  writeFileSync(stampOf(root), wanted)
  return true
}

export async function installDependencies(root, node) {
  const args = ['ci', '--ignore-scripts', '--include=dev', '--prefer-offline']
  await runNpm(args, { cwd: root, env: withNode(node), what: "Restamp's dependencies" })
  writeFileSync(stampOf(root), lockHash(root))
}

function lockHash(root) {
  return createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex')
}

/** npm writes its own list last of all, so an install that was interrupted has none. */
function installedMatches(root) {
  const list = readText(join(root, 'node_modules', '.package-lock.json'))
  if (!list) return false
  const installed = JSON.parse(list).packages
  const wanted = JSON.parse(readText(join(root, 'package-lock.json'))).packages
  return Object.entries(wanted).every(
    ([path, { version, integrity, optional }]) =>
      path === '' ||
      (optional && !installed[path]) ||
      (installed[path]?.version === version && installed[path]?.integrity === integrity),
  )
}

function stampOf(root) {
  return join(root, 'node_modules', '.restamp-stamp')
}

function readText(path) {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
