import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'vite'

/** Builds the page into a folder of its own, so that nobody's dist/ is touched. */
export async function buildDashboard(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'restamp-dashboard-'))
  const configFile = fileURLToPath(new URL('../../vite.config.ts', import.meta.url))
  await build({ configFile, logLevel: 'error', build: { outDir: folder, emptyOutDir: true } })
  return folder
}
