import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { build, buildReady } from './setup/build.mjs'
import { dependenciesReady, installDependencies } from './setup/dependencies.mjs'
import { SetupFailed } from './setup/failed.mjs'
import { alone } from './setup/lock.mjs'
import { fetchNode, findNode } from './setup/node24.mjs'

const EXIT_DEPENDENCY = 3

/**
 * Makes a checkout ready to run and returns the path of the Node to run it with. Does only what is missing,
 * so a second start costs a look at the files. Speaks on standard error alone; a failure ends the process.
 */
export async function setUp(root) {
  try {
    const node = findNode(root)
    const steps = missing(root, node)
    if (steps.length > 0)
      await alone(join(root, '.node', 'setup.lock'), { onWait, work: () => work(root, node) })
    return node.path
  } catch (error) {
    say(
      error instanceof SetupFailed ? `Set-up failed: ${error.message}.` : `Set-up failed: ${sentence(error)}`,
    )
    if (error.details) say(error.details)
    process.exit(EXIT_DEPENDENCY)
  }
}

/** What has to be done, in order. A package from npm comes built, with its dependencies beside it. */
function missing(root, node) {
  const steps = []
  if (!node.ready) steps.push({ name: 'Node 24', run: () => fetchNode(node) })
  if (!existsSync(join(root, 'src'))) return steps
  if (!dependenciesReady(root))
    steps.push({ name: 'dependencies', run: () => installDependencies(root, node.path) })
  if (steps.length > 0 || !buildReady(root)) steps.push({ name: 'build', run: () => build(root, node.path) })
  return steps
}

async function work(root, node) {
  // Looked at again: another start may have done it while this one waited for the lock.
  const steps = missing(root, { ...node, ready: node.ready || existsSync(node.path ?? '') })
  if (steps.length === 0) return
  say(`Restamp is setting itself up (once): ${steps.map(({ name }) => name).join(', ')}`)
  for (const { name, run } of steps) {
    const startedMs = Date.now()
    await run()
    say(`  ${name}: ready after ${((Date.now() - startedMs) / 1000).toFixed(1)} s`)
  }
}

function onWait() {
  say('Another start is setting Restamp up; waiting for it')
}

function sentence(error) {
  if (error.code === 'EACCES' || error.code === 'EROFS' || error.code === 'EPERM')
    return `no permission to write ${error.path}; make the folder writable and try again.`
  if (error.code === 'ENOSPC') return 'the disk is full; make room and try again.'
  return `${error.message}.`
}

function say(text) {
  process.stderr.write(`${text}\n`)
}
