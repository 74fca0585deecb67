import type { DatabaseSync } from 'node:sqlite'
import { Anchor } from '../../domain/audit.ts'
import type { Anchors } from '../../ports/anchors.ts'
import { type DatabaseKind, openDatabase, refusing } from './open-database.ts'

const KIND: DatabaseKind = {
  application: 0x52_53_61_31,
  use: 'shared',
  holds: "the anchors of Restamp's audit",
  schema: `CREATE TABLE IF NOT EXISTS anchors (
      chain TEXT NOT NULL, number INTEGER NOT NULL, hash TEXT NOT NULL, at_ms INTEGER NOT NULL,
      PRIMARY KEY (chain, number)
    ) STRICT;
    CREATE TRIGGER IF NOT EXISTS anchors_stay BEFORE UPDATE ON anchors
      BEGIN SELECT RAISE(ABORT, 'an anchor is never changed'); END;
    CREATE TRIGGER IF NOT EXISTS anchors_last BEFORE DELETE ON anchors
      BEGIN SELECT RAISE(ABORT, 'an anchor is never taken away'); END`,
}

/** Anchors in a SQLite file of their own beside the records: good against a mistake, not against whoever owns the disk. */
export class SqliteAnchors implements Anchors {
  readonly #path: string
  readonly #database: DatabaseSync

  constructor(database: string) {
    this.#path = database
    this.#database = openDatabase(database, KIND)
  }

  async keep({ chain, number, hash, atMs }: Anchor): Promise<'kept' | 'keptBefore' | 'conflict'> {
    return refusing(this.#path, KIND, () => {
      const { changes } = this.#database
        .prepare('INSERT INTO anchors VALUES (?, ?, ?, ?) ON CONFLICT (chain, number) DO NOTHING')
        .run(chain, number, hash, atMs)
      if (changes === 1) return 'kept'
      const kept = this.#database
        .prepare('SELECT hash FROM anchors WHERE chain = ? AND number = ?')
        .get(chain, number)
      return kept?.hash === hash ? 'keptBefore' : 'conflict'
    })
  }

  async list(chain: string): Promise<readonly Anchor[]> {
    const rows = refusing(this.#path, KIND, () =>
      this.#database
        .prepare('SELECT chain, number, hash, at_ms AS atMs FROM anchors WHERE chain = ? ORDER BY number')
        .all(chain),
    )
    return rows.map((row) => Anchor.parse(row))
  }

  close(): void {
    this.#database.close()
  }
}
