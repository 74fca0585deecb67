import { spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import { findBicep } from '../../scripts/setup/bicep.mjs'

export const ROOT = fileURLToPath(new URL('../..', import.meta.url))
export const INFRA = join(ROOT, 'infra')
/** What people fill in after; all tests of deployments are made with it. */
export const EXAMPLE_MAP = join(INFRA, 'azure-map.example.json')

const found = z.string().optional().parse(findBicep(ROOT))

/** Whether the compiler is on this machine. */
export const hasCompiler = found !== undefined
export const HOW_TO_GET_IT =
  'the Bicep compiler is not here: run `npm run bicep` (needs dotnet), or name it in BICEP'

export interface Said {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export function bicep(...args: readonly string[]): Said {
  if (found === undefined) throw new Error(HOW_TO_GET_IT)
  const { status, stdout, stderr } = spawnSync(found, args, {
    encoding: 'utf8',
    cwd: ROOT,
    maxBuffer: 64 * 1024 * 1024,
  })
  return { code: status, stdout, stderr }
}

/** A resource as the compiler foretells it; what is known only at run time stays an expression in brackets. */
export const Predicted = z.looseObject({
  id: z.string(),
  type: z.string(),
  name: z.string(),
  properties: z.record(z.string(), z.unknown()).optional(),
})
export type Predicted = z.infer<typeof Predicted>
const Snapshot = z.object({ predictedResources: z.array(Predicted), diagnostics: z.array(z.unknown()) })

/** All that a deployment with these parameters would make. `parameters` is the text of a .bicepparam file in test/infra, `of` what it is for. */
export function predict(parameters: string, of = join(INFRA, 'main.bicep')): readonly Predicted[] {
  const folder = mkdtempSync(join(tmpdir(), 'restamp-bicep-'))
  try {
    const file = join(folder, 'case.bicepparam')
    const main = relative(folder, of).replaceAll('\\', '/')
    writeFileSync(file, parameters.replace(/^using .*$/m, `using '${main}'`).replace('../../infra/', ''))
    cpSync(EXAMPLE_MAP, join(folder, 'azure-map.example.json'))
    const said = bicep('snapshot', file, '--mode', 'overwrite', ...PLACE)
    if (said.code !== 0) throw new Error(`${said.stdout}${said.stderr}`)
    const snapshot = Snapshot.parse(JSON.parse(readFileSync(join(folder, 'case.snapshot.json'), 'utf8')))
    if (snapshot.diagnostics.length > 0) throw new Error(JSON.stringify(snapshot.diagnostics))
    return snapshot.predictedResources
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

const PLACE = [
  '--subscription-id',
  '00000000-0000-0000-0000-0000000000ff',
  '--tenant-id',
  '00000000-0000-0000-0000-00000000007e',
  '--location',
  'westeurope',
]
