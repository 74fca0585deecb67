import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import { type Browser, chromium } from 'playwright-core'
import type { TestContext } from 'vitest'

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'] as const

const ARGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-dev-shm-usage',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
] as const

export const HOW_TO_GET_ONE =
  `No Chromium was found: CHROMIUM_PATH is not set and none of ${NAMES.join(', ')} is on PATH. ` +
  'Install one (Debian and Ubuntu: apt-get install chromium; Fedora: dnf install chromium; macOS: brew install --cask ' +
  'chromium) or set CHROMIUM_PATH to the browser to use.'

/** The Chromium of this machine: CHROMIUM_PATH, else the first known name on PATH. */
export function findChromium(env: NodeJS.ProcessEnv): string | undefined {
  if (env.CHROMIUM_PATH) return env.CHROMIUM_PATH
  const folders = (env.PATH ?? '').split(delimiter).filter((folder) => folder !== '')
  return NAMES.flatMap((name) => folders.map((folder) => join(folder, name))).find(isExecutable)
}

/** A running browser. Without one the test fails where CI=true and is skipped elsewhere, saying how to get one. */
export async function openBrowser(context: Pick<TestContext, 'skip'>, env = process.env): Promise<Browser> {
  const executablePath = findChromium(env)
  if (executablePath) return chromium.launch({ executablePath, args: [...ARGS] })
  if (env.CI === 'true') throw new Error(HOW_TO_GET_ONE)
  return context.skip(HOW_TO_GET_ONE)
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
