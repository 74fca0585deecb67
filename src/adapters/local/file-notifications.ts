import { appendFile, readFile } from 'node:fs/promises'
import { Told, toldName } from '../../domain/reminders.ts'
import { type Notifications, NotTold } from '../../ports/notifications.ts'

/** Messages as lines of JSON in a file, for whoever follows it; another channel can be fed from there. */
export class FileNotifications implements Notifications {
  readonly #path: string
  #told: Promise<Set<string>> | undefined

  constructor(path: string) {
    this.#path = path
  }

  async tell(message: Told): Promise<'told' | 'toldBefore'> {
    const name = toldName(message)
    try {
      this.#told ??= this.#toldBefore()
      const told = await this.#told
      if (told.has(name)) return 'toldBefore'
      told.add(name)
      await appendFile(this.#path, `${JSON.stringify(message)}\n`).catch((error: unknown) => {
        told.delete(name)
        throw error
      })
      return 'told'
    } catch (error) {
      this.#told = undefined
      const words = error instanceof Error ? error.message : String(error)
      throw new NotTold(`${this.#path} can not be written: ${words}`)
    }
  }

  /** What an earlier process told; a line that broke off with it is told again. */
  async #toldBefore(): Promise<Set<string>> {
    const text = await readFile(this.#path, 'utf8').catch((error: unknown) => {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return ''
      throw error
    })
    if (text !== '' && !text.endsWith('\n')) await appendFile(this.#path, '\n')
    return new Set(text.split('\n').flatMap(nameOf))
  }
}

function nameOf(line: string): string[] {
  try {
    const message = Told.safeParse(JSON.parse(line))
    return message.success ? [toldName(message.data)] : []
  } catch {
    return []
  }
}
