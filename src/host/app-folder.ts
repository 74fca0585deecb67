import { globSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join, resolve, sep } from 'node:path'
import { pathToFileURL } from 'node:url'
import { readAppSettings } from './app-settings.ts'
import { createHost, type Host, type HostOptions } from './host.ts'
import { isRecord } from './typed-data.ts'

export type AppFolderOptions = Partial<Omit<HostOptions, 'appDir' | 'load'>>

/** Runs any Functions app folder: loads what `main` of its package.json matches, as the Node worker does. */
export async function hostAppFolder(dir: string, options: AppFolderOptions = {}): Promise<Host> {
  const appDir = resolve(dir)
  const { settings, port } = readAppSettings(appDir, options.settings)
  const host = await createHost({
    hub: 'memory',
    clock: 'real',
    ...options,
    appDir,
    port: options.port ?? port ?? 7071,
    load: async () => {
      // One app owns this process, so it may see its settings where it expects them.
      Object.assign(process.env, {
        ...settings,
        AZURE_FUNCTIONS_ENVIRONMENT: settings.AZURE_FUNCTIONS_ENVIRONMENT ?? 'Development',
      })
      await loadMain(appDir)
    },
  })
  // Without it the durable client would rewrite its links to port 7071.
  process.env.WEBSITE_HOSTNAME = new URL(host.baseUrl).host.replace('127.0.0.1', 'localhost')
  return host
}

/** Modules load once per process, so this has to be remembered per process, too. */
const loadedBefore = new Set<string>()

async function loadMain(appDir: string): Promise<void> {
  const manifest = readManifest(appDir)
  const main = typeof manifest.main === 'string' ? manifest.main : 'index.js'
  const files = globSync(main, { cwd: appDir }).sort()
  if (files.length === 0) {
    throw new Error(
      `No file matches "main": "${main}" in ${join(appDir, 'package.json')}. Name the files that register functions.`,
    )
  }
  const require = createRequire(join(appDir, 'package.json'))
  forgetModules(require, appDir)
  // The first host must load a file at its own address, where other files import it, too; a further host of this
  // process needs a new address to have the file run again.
  const again = loadedBefore.has(appDir) ? `?load=${process.hrtime.bigint()}` : ''
  loadedBefore.add(appDir)
  for (const file of files) {
    const path = join(appDir, file)
    const isModule = path.endsWith('.mjs') || (path.endsWith('.js') && manifest.type === 'module')
    if (isModule) await import(`${pathToFileURL(path)}${again}`)
    else require(path)
  }
}

function readManifest(appDir: string): Readonly<Record<string, unknown>> {
  const path = join(appDir, 'package.json')
  try {
    const value: unknown = JSON.parse(readFileSync(path, 'utf8'))
    return isRecord(value) ? value : {}
  } catch (error) {
    throw new Error(`${path} cannot be read as JSON; a Functions app names its files there in "main".`, {
      cause: error,
    })
  }
}

/** CommonJS files run only once per process; an app that is loaded again must register again. */
function forgetModules(require: NodeJS.Require, appDir: string): void {
  for (const path of Object.keys(require.cache)) {
    if (path.startsWith(appDir + sep) && !path.includes(`${sep}node_modules${sep}`))
      delete require.cache[path]
  }
}
