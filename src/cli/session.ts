import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { type Action, Principal, refusal } from '../domain/principal.ts'
import { CliError } from './cli-error.ts'
import { EXIT } from './io.ts'
import { jsonOf } from './json-of.ts'

const User = Principal.extend({ token: z.string().min(1) })
export type User = z.infer<typeof User>

/** What a running host leaves in its state folder, readable by its owner only. */
const Session = z.object({ baseUrl: z.url(), users: z.array(User), pid: z.int().positive() })
export type Session = z.infer<typeof Session>

const SESSION_FILE = 'session.json'

/** The session of the host that runs over a state folder; undefined where none runs. */
export async function findSession(stateDir: string): Promise<Session | undefined> {
  const text = await readFile(join(stateDir, SESSION_FILE), 'utf8').catch(() => undefined)
  if (text === undefined) return undefined
  const session = Session.safeParse(jsonOf(text))
  return session.success && isAlive(session.data.pid) ? session.data : undefined
}

export async function readSession(stateDir: string): Promise<Session> {
  const session = await findSession(stateDir)
  if (session) return session
  throw new CliError('No Restamp host is running here; start one with `npm start`', EXIT.dependency)
}

/** Who acts: the named user, else the first one whose role allows it. */
export function userFor(users: readonly User[], action: Action, name?: string): User {
  const names = users.map((user) => user.name).join(', ')
  if (name !== undefined) {
    const named = users.find((user) => user.name === name)
    if (named) return named
    throw new CliError(`There is no local user "${name}"; there are ${names}`, EXIT.usage)
  }
  const able = users.find((user) => refusal(user, action) === undefined)
  if (able) return able
  throw new CliError(`None of the local users ${names} may ${action}`, EXIT.no)
}

/** A host that was killed leaves its file behind, so its process is looked for. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}
