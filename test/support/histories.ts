import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gunzipSync, gzipSync } from 'node:zlib'
import { z } from 'zod'
import type { InstanceState } from '../../src/host/instances.ts'

/** One folder a version of the orchestrations, one file a story, each a list of instances with their history. */
const FOLDER = fileURLToPath(new URL('../orchestrations/histories/', import.meta.url))
const ENDING = '.json.gz'
const HostJson = z.object({ extensions: z.object({ durableTask: z.object({ defaultVersion: z.string() }) }) })
/** What the host keeps of an instance is checked by replaying it. */
const Instance = z.custom<Pick<InstanceState, 'row' | 'events'>>(
  (value) =>
    z.object({ row: z.object({ id: z.string() }), events: z.array(z.unknown()) }).safeParse(value).success,
)

/** The version that new runs are begun with. */
export function presentVersion(): string {
  const text = readFileSync(new URL('../../host.json', import.meta.url), 'utf8')
  return HostJson.parse(JSON.parse(text)).extensions.durableTask.defaultVersion
}

export function recordedVersions(): string[] {
  return readdirSync(FOLDER).toSorted()
}

export function recordedStories(version: string): string[] {
  const files = readdirSync(join(FOLDER, version)).filter((name) => name.endsWith(ENDING))
  return files.map((name) => name.slice(0, -ENDING.length)).toSorted()
}

export function readHistories(version: string, story: string): InstanceState[] {
  const text = gunzipSync(readFileSync(pathOf(version, story))).toString()
  return z
    .array(Instance)
    .parse(JSON.parse(text))
    .map(({ row, events }) => ({ row, events, text: '' }))
}

export function isRecorded(version: string, story: string): boolean {
  return existsSync(pathOf(version, story))
}

export function writeHistories(version: string, story: string, histories: readonly InstanceState[]): void {
  mkdirSync(join(FOLDER, version), { recursive: true })
  const text = JSON.stringify(histories.map(({ row, events }) => ({ row, events })))
  writeFileSync(pathOf(version, story), gzipSync(text, { level: 9 }))
}

function pathOf(version: string, story: string): string {
  return join(FOLDER, version, `${story}${ENDING}`)
}
