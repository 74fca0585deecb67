import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { z } from 'zod'
import { CliError } from './cli-error.ts'
import { EXIT } from './io.ts'
import { jsonOf } from './json-of.ts'

export const PROFILES_FILE = join(homedir(), '.config', 'restamp', 'profiles.json')

/** A deployment, and the registration that people sign in to there. It holds no secret: who is signed in is known elsewhere. */
export const Profile = z.strictObject({
  url: z
    .url({ protocol: /^https?$/ })
    .refine(isPrivate, 'expected https://, since a token is sent there; http:// only on this machine')
    .transform((url) => url.replace(/\/+$/, '')),
  clientId: z.guid(),
  tenantId: z.guid().optional(),
})
export type Profile = z.infer<typeof Profile>

function isPrivate(url: string): boolean {
  // What is no address is said to be none, too, and asked here all the same.
  const { protocol, hostname } = URL.parse(url) ?? { protocol: '', hostname: '' }
  return protocol === 'https:' || ['127.0.0.1', 'localhost', '[::1]'].includes(hostname)
}

const ProfileFile = z.record(z.string(), Profile)
type ProfileFile = z.infer<typeof ProfileFile>

/** All profiles; none where the file is not there. */
export async function readProfiles(file: string): Promise<ProfileFile> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '{}'
    throw new CliError(`${file} can't be read (${error.code})`, EXIT.dependency)
  })
  const parsed = ProfileFile.safeParse(jsonOf(text))
  if (parsed.success) return parsed.data
  throw new CliError(`${file} is no file of profiles: ${z.prettifyError(parsed.error)}`, EXIT.usage)
}

export async function writeProfiles(file: string, profiles: ProfileFile): Promise<void> {
  await mkdir(dirname(file), { recursive: true })
  const next = `${file}.${process.pid}.next`
  await writeFile(next, `${JSON.stringify(profiles, null, 2)}\n`, { mode: 0o600 })
  await rename(next, file)
}

export async function profileNamed(file: string, name: string): Promise<Profile> {
  const profiles = await readProfiles(file)
  const profile = new Map(Object.entries(profiles)).get(name)
  if (profile) return profile
  const known = Object.keys(profiles).join(', ') || 'none yet'
  throw new CliError(
    `There is no profile "${name}"; there are ${known}. Add one with \`restamp profiles add\``,
    EXIT.usage,
  )
}
